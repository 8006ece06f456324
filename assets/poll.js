// A vote on the screen: how many have voted, and once it is shown, bars with numbers.

import { ROWS, shown } from "./results.js";

const FEW = 4; // results that are drawn larger

export function voted(room) {
  const { voted: k = 0, joined: n = 0, people = n } = room.get("counts", "counts") ?? {};
  if (people > n && n >= k) return room.say("vote.devices", { k, n, people });
  return n >= k && n ? room.say("screen.voted", { k, n }) : room.say("screen.voted-people", { n: k });
}

export default Vue => ({
  props: ["room", "round", "from"],
  setup(props) {
    const { h } = Vue;
    return () => {
      const { room, round, from } = props;
      const results = room.results(round.id);
      const most = Math.max(1, ...results.map(it => it.number));
      const key = round.method === "dots" ? "vote.dots-on" : "vote.votes-on";
      if (!results.some(it => it.number)) return h("p", { class: "big" }, room.say("screen.votes-none"));
      const last = shown(results);
      const row = ({ option, number, hands, rank }) =>
        h("li", { key: option }, [
          h("span", { class: "rank" }, rank),
          h("span", { class: "letter", translate: "no" }, room.get("idea", option)?.number ?? room.get("cluster", option)?.letter),
          h("span", { class: "named" }, [
            room.titled("span", option, { class: ["text", { one: hands }] }),
            hands ? h("span", { class: "hands" }, room.say("vote.hands", { k: hands })) : null,
          ]),
          h("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, [
            h("rect", { width: (100 * number) / most, height: 10 }),
          ]),
          h("strong", room.say(key, { n: number })),
        ]);
      return [
        h("ol", { class: ["bars", { few: last <= FEW }] }, results.slice(from, Math.min(last, from + ROWS)).map(row)),
        last < results.length ? h("p", { class: "label" }, room.say("screen.results-rest", { n: results.length - last })) : null,
      ];
    };
  },
});
