// A vote: how many have voted, closing it, showing the result; and the result as bars with numbers.

import parts from "./desk-parts.js";
import people from "./desk-people.js";

export default Vue => {
  const { h, computed } = Vue;
  const { button, icon } = parts(Vue);
  const { Counting } = people(Vue);

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
        const { voted = 0, joined = 0, people: all = joined } = desk.counts.value;
        const own = desk.round.value;
        if (!own) return null;
        if (own.state === "shown") return h("section", { class: "part vote" }, [h("h2", say("vote.title")), again(), h(Counting, { desk, round: own, key: own.id })]);
        return h("section", { class: "part vote" }, [
          h("h2", say("vote.title")),
          h("p", { class: { unknown: !desk.counts.value.id } }, all > joined ? say("vote.devices", { k: voted, n: Math.max(joined, voted), people: all }) : say("screen.voted", { k: voted, n: Math.max(joined, voted) })),
          h("progress", { class: "progress", max: Math.max(joined, voted, 1), value: voted, "aria-label": say("vote.title") }),
          own.state === "open" ? h("p", { class: "muted" }, say("desk.vote-moving")) : null,
          own.state === "open" ? button(say("desk.vote-close-do"), close, { icon: "lock", kind: "wide" }) : h("p", say("vote.closed")),
          button(say("desk.results-do"), show, { icon: "eye", kind: "strong wide" }),
          own.state === "closed" ? again() : null,
          h(Counting, { desk, round: own, key: own.id }),
        ]);
      }

      // A new round beside the one that was; nothing of that one is lost.
      function again() {
        const phase = desk.current.value;
        if (!["waiting", "open", "closed"].includes(phase?.state)) return null;
        const open = async () => {
          const answer = await desk.act("VoteAgain", { phase: phase.id }, { what: say("did.vote-again") });
          if (answer.ok) desk.tell(say("vote.again"));
        };
        return button(say("desk.vote-reopen-do"), open, { icon: "undo", kind: "wide" });
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
            : h("p", { class: "private-mark" }, [icon("lock"), h("span", say("desk.results-private"))]),
          rows.length
            ? h("ol", { class: "tally" }, rows.map(([option, n]) =>
                h("li", { key: option }, [
                  h("span", { class: "bar-title", dir: "auto" }, desk.nameOf(option)),
                  h("span", { class: "bar-number" }, [h("span", say(unit, { n })), tally.value.hands?.[option] ? h("span", { class: "muted" }, ` · ${say("vote.hands", { k: tally.value.hands[option] })}`) : null]),
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
