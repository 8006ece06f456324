// What a vote came to: a list that reads as text, with a bar behind each number.

export default Vue => ({
  props: ["room", "round"],
  setup(props) {
    const { h } = Vue;
    return () => {
      const { room, round } = props;
      const results = room.results(round.id);
      const most = Math.max(1, ...results.map(it => it.number));
      const dots = round.method === "dots" ? "vote.dots-on" : "vote.votes-on";
      const tied = results.filter((it, i) => it.number && it.rank === results[i + 1]?.rank).map(it => it.rank);
      return [
        h("ol", { class: "results" }, results.map(({ option, number, hands, rank }) => {
          return h("li", { key: option }, [
            h("p", { class: "row" }, [
              h("span", { class: "rank" }, rank),
              h("span", { class: "text" }, [room.titled("span", option)]),
              h("strong", room.say(dots, { n: number })),
              hands ? h("span", { class: "hint" }, room.say("vote.hands", { k: hands })) : null,
            ]),
            h("svg", { class: "bar-of", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, [
              h("rect", { width: (100 * number) / most, height: 4 }),
            ]),
          ]);
        })),
        [...new Set(tied)].map(rank => h("p", { class: "hint", key: rank }, room.say("vote.tie", { rank }))),
        results.length ? null : h("p", { class: "hint" }, room.say("screen.votes-none")),
      ];
    };
  },
});
