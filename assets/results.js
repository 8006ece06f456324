// What a vote came to: a list that reads as text, with a bar behind each number.

export const ROWS = 7; // results on a page of the screen

// How many of the results are shown: where there are many, none without a vote.
export const shown = results => Math.max(Math.min(ROWS, results.length), results.filter(it => it.number).length);

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
      const last = shown(results);
      const row = ({ option, number, hands, rank }) =>
        h("li", { key: option }, [
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
      const list = rows => h("ol", { class: "results" }, rows.map(row));
      return [
        list(results.slice(0, last)),
        [...new Set(tied)].map(rank => h("p", { class: "hint", key: rank }, room.say("vote.tie", { rank }))),
        last < results.length
          ? h("details", [h("summary", room.say("screen.results-rest", { n: results.length - last })), list(results.slice(last))])
          : null,
        results.length ? null : h("p", { class: "hint" }, room.say("screen.votes-none")),
      ];
    };
  },
});
