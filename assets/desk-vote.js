// A vote: how many have voted, closing it, showing the result; and the result as bars with numbers.

import parts from "./desk-parts.js";

export default Vue => {
  const { h, computed } = Vue;
  const { button, icon } = parts(Vue);

  return {
    props: { desk: Object, bars: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const round = computed(() => {
        const board = desk.board.value?.id;
        return desk.round.value ?? desk.rounds.value.filter(it => it.board === board).pop() ?? null;
      });
      const tally = computed(() => (round.value ? desk.get("tally", round.value.id) : null));

      const close = () => desk.act("CloseRound", { round: round.value.id }, { what: say("did.close-vote") });

      function show() {
        desk.countDown(say("desk.results-count"), say("desk.results-stopped"), async () => {
          const answer = await desk.act("ShowResults", { round: round.value.id }, { what: say("did.results"), seen: true });
          if (answer.ok) desk.tell(say("desk.results-shown"));
        });
      }

      function steps() {
        const { voted = 0, joined = 0 } = desk.counts.value;
        const own = desk.round.value;
        if (!own || own.state === "shown") return null;
        return h("section", { class: "part vote" }, [
          h("h2", say("vote.title")),
          h("p", say("screen.voted", { k: voted, n: Math.max(joined, voted) })),
          h("progress", { class: "progress", max: Math.max(joined, voted, 1), value: voted, "aria-label": say("vote.title") }),
          own.state === "open" ? button(say("desk.vote-close-do"), close, { icon: "lock", kind: "wide" }) : h("p", say("vote.closed")),
          button(say("desk.results-do"), show, { icon: "eye", kind: "strong wide" }),
        ]);
      }

      function results() {
        if (!round.value || !tally.value) return null;
        const rows = Object.entries(tally.value.results).sort((a, b) => b[1] - a[1]);
        const most = Math.max(1, ...rows.map(row => row[1]));
        const unit = round.value.method === "dots" ? "vote.dots-on" : "vote.votes-on";
        return h("section", { class: "results" }, [
          h("h3", say("screen.results")),
          round.value.state === "shown"
            ? null
            : h("p", { class: "private-mark" }, [icon("lock"), say("desk.results-private")]),
          rows.length
            ? h("ol", { class: "tally" }, rows.map(([option, n]) =>
                h("li", { key: option }, [
                  h("span", { class: "bar-title", dir: "auto" }, desk.nameOf(option)),
                  h("span", { class: "bar-number" }, say(unit, { n })),
                  h("svg", { class: "bar-line", viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
                    h("path", { d: `M0 0h${(100 * n) / most}v1h-${(100 * n) / most}z` })),
                ]),
              ))
            : h("p", say("screen.votes-none")),
        ]);
      }

      return () => (props.bars ? results() : steps());
    },
  };
};
