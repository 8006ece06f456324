// Earlier boards and results, to read while the room is elsewhere; one tap leads back to now.

import Ideas from "./ideas.js";

export default Vue => {
  const ideas = Ideas(Vue);

  return {
    props: ["room", "results", "leave"],
    setup(props) {
      const { h } = Vue;
      const { room } = props;
      const { say } = room;

      function boards() {
        const now = room.phase()?.board;
        const used = room.all("phase").filter(it => it.board && it.state !== "planned").sort((a, b) => a.order - b.order).map(it => it.board);
        return [...new Set(used)].filter(id => id !== now && room.get("board", id) && room.onBoard(id).length);
      }

      const sorted = board =>
        room.clusters(board).map(cluster => [cluster, room.onBoard(board).filter(idea => idea.cluster === cluster.id)]).filter(([, cards]) => cards.length);

      return () => {
        const found = boards();
        const results = props.results();
        return [
          h("h1", { tabindex: -1 }, say("look-back.title")),
          h("button", { type: "button", class: "wide", onClick: props.leave }, say("look-back.now-do")),
          found.length || results.length ? null : h("p", { class: "hint" }, say("look-back.none")),
          found.map(id =>
            h("section", { key: id, class: "earlier" }, [
              room.told("h2", room.get("board", id).title),
              sorted(id).length
                ? h("ul", { class: "hint" }, sorted(id).map(([cluster, cards]) =>
                    h("li", { key: cluster.id }, [h("strong", { translate: "no" }, `${cluster.letter} `), room.titled("span", cluster.id), h("span", ` (${cards.length})`)])))
                : null,
              h(ideas, { room, phase: { board: id, settings: {} }, key: id }),
            ])),
          results,
        ];
      };
    },
  };
};
