// What is going on: who is here, whether a phone has reached us, turning cards over, pausing the writing.

import parts from "./desk-parts.js";

export default Vue => {
  const { h, computed } = Vue;
  const { button, icon } = parts(Vue);

  return {
    props: { desk: Object, joins: Boolean }, // joins: the QR stands beside it already
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const phase = computed(() => desk.current.value);
      const board = computed(() => (phase.value?.board ? desk.get("board", phase.value.board) : null));
      const isOurs = id => id === board.value?.id || (board.value && desk.get("board", id)?.of === board.value.id); // or a group's
      const running = computed(() => phase.value && phase.value.state !== "ended" && desk.session.value?.state === "running");
      const down = computed(() =>
        desk.all("idea").filter(idea => idea.state === "face-down" && isOurs(idea.board)),
      );
      const writes = computed(() => phase.value?.activity === "brainstorm" || phase.value?.settings?.takes_ideas);

      function reveal(column) {
        const cards = column ? down.value.filter(idea => idea.column === column.id) : down.value;
        const fields = { board: board.value.id, ...(column ? { column: column.id } : {}) };
        desk.countDown(say("desk.reveal", { n: cards.length }), say("desk.reveal-stopped"), () =>
          desk.act("RevealIdeas", fields, { what: say("did.reveal"), seen: true }),
        );
      }

      function lock(locked) {
        desk.act("LockBoard", { board: board.value.id, locked }, { what: say(locked ? "did.lock" : "did.unlock") });
      }

      function counts() {
        const { joined = 0, people = joined, posted = 0, voted = 0 } = desk.counts.value;
        return h("div", { class: ["counts", { unknown: !desk.counts.value.id }] }, [
          h("p", { class: "count-here" }, [icon("people"), h("span", say("desk.here", { n: people }))]),
          writes.value ? h("p", say("desk.posted", { n: posted })) : null,
          phase.value?.settings?.ready ? h("p", say("desk.ready", { n: desk.counts.value.ready ?? 0 })) : null,
          phase.value?.activity === "vote" ? h("p", say("desk.voted", { n: voted })) : null,
        ]);
      }

      function reach() {
        const { reached } = desk.counts.value;
        if (reached !== 0 || desk.all("idea").some(idea => idea.source === "phone")) return null;
        return h("div", { class: "reach" }, [
          props.joins ? null : h("div", { class: "qr", innerHTML: desk.about.qr }),
          h("p", say("desk.check-phone", { address: desk.about.join })),
          h("p", { class: "muted" }, say("desk.check-wifi")),
        ]);
      }

      function turning() {
        if (!running.value || !board.value || board.value.revealed || !desk.may("RevealIdeas")) return null;
        const done = board.value.revealed_columns ?? [];
        const columns = board.value.columns.filter(column => !done.includes(column.id));
        return [
          button(`${say("desk.reveal-do")} (${down.value.length})`, () => reveal(null), { icon: "flip", kind: "strong wide" }),
          board.value.columns.length > 1
            ? h("div", { class: "row" }, [
                h("span", { class: "label" }, say("desk.reveal-column")),
                columns.map(column =>
                  button(desk.text(column.title), () => reveal(column), { kind: "small", key: column.id }),
                ),
              ])
            : null,
        ];
      }

      // The board that one looks at, or the phase's own.
      function freezing() {
        const it = [desk.board.value, board.value].find(one => one?.frozen);
        if (!it) return null;
        return [
          h("p", { class: "notice" }, [it.of ? h("strong", `${desk.boardName(it)}: `) : null, h("span", say("desk.frozen"))]),
          desk.may("FreezeBoard") ? button(say("desk.unfreeze-do"), () => desk.thaw(it), { icon: "play", kind: "wide" }) : null,
        ];
      }

      function pausing() {
        if (!desk.may("LockBoard")) return null;
        if (!running.value || !board.value || !writes.value) return null;
        return board.value.locked
          ? [
              h("p", { class: "notice" }, say("desk.writing-paused")),
              button(say("desk.go-on-do"), () => lock(false), { icon: "play", kind: "wide" }),
            ]
          : h("div", { class: "row pausing" }, [
              button(say("desk.pause-do"), () => lock(true), { icon: "pause" }),
              button(say("desk.lock-reason-do"), () => (desk.open.value = { kind: "lock", board: board.value }), { kind: "small quiet", "aria-label": `${say("desk.lock-send-do")}: ${say("desk.lock-reason-do")}` }),
            ]);
      }

      return () =>
        h("section", { class: "part now" }, [
          h("h2", say("desk.now")),
          counts(),
          desk.counts.value.failing ? h("p", { class: "notice alert" }, say("error.store.failing")) : null,
          reach(),
          turning(),
          pausing(),
          freezing(),
        ]);
    },
  };
};
