// Ideas are put together: each phone places its own cards, everybody sorts, or the facilitators do while all read.

import { card } from "./ideas.js";
import place, { placed } from "./place.js";

export default Vue => {
  const Place = place(Vue);
  return {
    props: ["room", "phase"],
    setup(props) {
      const { h } = Vue;
      const { room } = props;
      const { say } = room;

      const chooser = (idea, fresh = false) => h(Place, { room, idea, board: props.phase.board, phase: props.phase.id, fresh, key: idea.id });

      function own(clusters) {
        const cards = room.own().filter(it => it.board === props.phase.board && it.text && it.number && ["open", "face-down", "waiting"].includes(it.state));
        const done = cards.length && cards.every(it => placed(room, it));
        return [
          h("h2", say("place.own")),
          clusters.length ? null : h("p", { class: "hint" }, say("place.none")),
          cards.length ? null : h("p", { class: "hint" }, say("place.no-own")),
          h("ul", { class: "cards" }, cards.map(it => card(h, room, it, {}, clusters.length ? chooser(it) : null))),
          done ? h("p", { class: "done" }, say("place.all-done")) : null,
        ];
      }

      function groups(clusters, ideas, more, heading = "h2") {
        const group = (id, cards, letter, title) =>
          h("section", { key: id || title, class: "cluster" }, [
            h(heading, [letter ? h("span", { class: "letter", translate: "no" }, letter) : null, id ? room.titled("span", id) : h("span", title)]),
            h("p", { class: "hint" }, say("card.count", { n: cards.length })),
            h("ul", { class: "cards" }, cards.map(it => card(h, room, it, {}, more?.(it)))),
          ]);
        const ids = new Set(clusters.map(it => it.id));
        const rest = ideas.filter(it => !ids.has(placed(room, it)));
        const [alone, aside] = [rest.filter(it => !it.aside), rest.filter(it => it.aside)];
        return [
          clusters.map(it => group(it.id, ideas.filter(idea => placed(room, idea) === it.id), it.letter)),
          alone.length ? group("", alone, "", say("cluster.unplaced")) : null,
          aside.length ? group("", aside, "", say("board.aside")) : null,
        ];
      }

      return () => {
        const { board, settings, state } = props.phase;
        const clusters = room.clusters(board);
        const ideas = room.onBoard(board);
        const isOpen = ["waiting", "open"].includes(state) && !room.get("board", board)?.locked;
        if (settings.who === "own" && isOpen) return [own(clusters), groups(clusters, ideas, null, "h3")];
        if (settings.who === "everyone" && isOpen) return groups(clusters, ideas, idea => chooser(idea, true));
        return [h("p", { class: "lead" }, say("place.watch")), groups(clusters, ideas)];
      };
    },
  };
};
