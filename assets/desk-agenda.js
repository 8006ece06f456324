// The agenda: every phase with its time and state. Choosing one shows what it asks; going there is a second step, and
// what changes the agenda itself is folded away below it.

import { fromHere } from "./desk-focus.js";
import parts from "./desk-parts.js";

export default Vue => {
  const { h, ref, watch } = Vue;
  const { button, icon, shape } = parts(Vue);

  return {
    props: { desk: Object, folded: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const looked = ref(null);
      const nav = ref(null);
      let keep = null; // gives the focus back to its element when the list is ordered anew

      // The current phase is in sight in a list that is longer than its column.
      function reach() {
        const side = nav.value?.closest(".desk-side");
        const row = side?.querySelector("[aria-current]");
        if (row) side.scrollTop += row.getBoundingClientRect().top - side.getBoundingClientRect().top - side.clientHeight / 3;
      }

      watch([nav, () => desk.session.value?.phase], reach, { flush: "post" });
      watch(
        () => desk.phases.value.map(phase => phase.id).join(),
        () => {
          keep?.();
          keep = null;
        },
        { flush: "post" },
      );

      const titleOf = phase => desk.text(phase.title);

      function go(phase) {
        looked.value = null;
        desk.chosen.value = null;
        desk.act("StartPhase", { phase: phase.id }, { what: say("did.start", { title: titleOf(phase) }) });
      }

      async function skip(phase, skipped) {
        const title = titleOf(phase);
        const what = say(skipped ? "did.skip" : "did.unskip", { title });
        const answer = await desk.act("SkipPhase", { phase: phase.id, skipped }, { what });
        if (answer.ok) desk.tell(say(skipped ? "agenda.skipped" : "agenda.unskipped", { title }));
      }

      // Up or down by one place.
      async function move(phase, by) {
        const others = desk.phases.value;
        const at = others.indexOf(phase) + by;
        if (!canMove(phase, by)) return;
        const after = by < 0 ? others[at - 1] : others[at];
        const title = titleOf(phase);
        const { id } = document.activeElement;
        const give = fromHere();
        keep = () => give(id ? document.getElementById(id) : null);
        const answer = await desk.act("MovePhase", { phase: phase.id, after: after?.id ?? null }, { what: say("did.reorder", { title }) });
        if (answer.ok) desk.tell(say("agenda.moved", { title, i: at + 1 }));
        else keep = null;
      }

      const canMove = (phase, by) => phase.state === "planned" && Boolean(desk.phases.value[desk.phases.value.indexOf(phase) + by]);

      async function remove(phase) {
        const title = titleOf(phase);
        const answer = await desk.act("RemovePhase", { phase: phase.id }, { what: say("did.remove-step", { title }) });
        if (answer.ok) desk.tell(say("agenda.removed", { title }));
      }

      async function carry(phase, from) {
        const fields = { board: from.id, phase: phase.id, top: CARRIED };
        const title = titleOf(phase);
        const { ok, n } = await desk.gained(phase.board, () => desk.act("CarryForward", fields, { what: say("did.carry", { title }) }));
        if (ok) desk.tell(n ? say("carry.done", { n, title }) : say("carry.none"));
      }

      const cardsOn = board => desk.all("idea").filter(idea => idea.board === board).length;

      // The board that a phase could take cards from: the last one before it that is another.
      function source(phase) {
        const boards = desk.phases.value.filter(it => it.order < phase.order && it.board && it.state !== "planned").map(it => it.board);
        const from = boards.filter(board => board !== phase.board).pop();
        return phase.board && from && cardsOn(from) ? desk.get("board", from) : null;
      }

      function onKeydown(event, phase) {
        if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key) || !desk.may("MovePhase")) return;
        event.preventDefault();
        move(phase, event.key === "ArrowUp" ? -1 : 1);
      }

      function notes(phase, now, over) {
        const repeated = phase.repeats && desk.get("phase", phase.repeats);
        return h("span", { class: "agenda-note" }, [
          shape(phase.stage),
          phase.minutes ? h("span", say("timer.short", { n: phase.minutes })) : null,
          now ? h("strong", say("desk.agenda-now")) : over ? h("span", { class: "agenda-word" }, say("desk.agenda-done")) : null,
          phase.skipped ? h("span", { class: "agenda-word" }, say("desk.agenda-skipped")) : null,
          repeated ? h("span", say("desk.agenda-repeats", { i: repeated.order })) : phase.inserted ? h("span", say("desk.agenda-added")) : null,
        ]);
      }

      function tools(phase) {
        const open = (kind, more = {}) => () => (desk.open.value = { kind, phase, ...more });
        const item = (word, does, more = {}) => button(word, does, { kind: "small wide", ...more });
        const planned = phase.state === "planned";
        const id = `agenda-tools-${phase.id}`;
        if (!desk.may("ChangePhase")) return null;
        return h("details", { class: "agenda-tools" }, [
          h("summary", say("agenda.more")),
          phase.state === "ended" ? null : item(say("agenda.change-do"), open("phase-change"), { icon: "pen" }),
          planned && phase.order === 1 ? item(say("agenda.insert-before-do"), open("phase-insert", { before: true }), { icon: "plus" }) : null,
          item(say("agenda.insert-do"), open("phase-insert"), { icon: "plus" }),
          item(say("agenda.repeat-do"), open("phase-repeat"), { icon: "undo" }),
          planned ? item(say(phase.skipped ? "agenda.unskip-do" : "agenda.skip-do"), () => skip(phase, !phase.skipped)) : null,
          planned ? item(say("agenda.up-do"), () => move(phase, -1), { id: `${id}-up`, disabled: !canMove(phase, -1) }) : null,
          planned ? item(say("agenda.down-do"), () => move(phase, 1), { id: `${id}-down`, disabled: !canMove(phase, 1) }) : null,
          planned ? item(say("agenda.remove-do"), () => remove(phase), { kind: "small wide danger" }) : null,
          planned ? h("p", { class: "muted" }, say("agenda.keys")) : null,
        ]);
      }

      function more(phase, now) {
        const from = desk.may("CarryForward") && !desk.about.readOnly ? source(phase) : null;
        return h("div", { class: "agenda-more", id: `agenda-${phase.id}` }, [
          phase.stage ? h("p", { class: "muted" }, say(`stage.${phase.stage}`)) : null,
          h("p", { lang: desk.langOf(phase.prompt) }, desk.text(phase.prompt)),
          !props.folded && desk.text(phase.guide)
            ? h("div", { class: "private" }, [
                h("p", { class: "private-mark" }, [icon("lock"), h("span", say("desk.guide-mark"))]),
                h("p", { lang: desk.langOf(phase.guide) }, desk.text(phase.guide)),
              ])
            : null,
          (now && phase.state !== "ended") || !desk.may("StartPhase") ? null : button(say("desk.jump-do"), () => go(phase), { icon: "next", kind: "wide" }),
          from ? button(say("carry.here-do", { n: CARRIED }), () => carry(phase, from), { icon: "next", kind: "small wide" }) : null,
          desk.about.readOnly ? null : tools(phase),
        ]);
      }

      function row(phase) {
        const now = phase.id === desk.session.value?.phase;
        const over = phase.state === "ended";
        const open = looked.value === phase.id;
        return h("li", { key: phase.id, class: { now, over, skipped: phase.skipped } }, [
          h(
            "button",
            {
              type: "button",
              class: "agenda-row",
              id: `agenda-row-${phase.id}`,
              "aria-expanded": String(open),
              "aria-controls": open ? `agenda-${phase.id}` : null,
              "aria-current": now ? "step" : null,
              onClick: () => (looked.value = open ? null : phase.id),
              onKeydown: event => onKeydown(event, phase),
            },
            [
              h("span", { class: "agenda-number" }, over && !now ? icon("check") : String(phase.order)),
              h("span", { class: "agenda-title" }, [
                h("span", { lang: desk.langOf(phase.title), dir: "auto" }, titleOf(phase)),
                notes(phase, now, over),
              ]),
            ],
          ),
          open ? more(phase, now) : null,
        ]);
      }

      return () =>
        h("nav", { class: "desk-agenda", ref: nav, "aria-label": say("desk.agenda") }, [
          h("h2", say("desk.agenda")),
          h("ol", desk.phases.value.map(row)),
        ]);
    },
  };
};

const CARRIED = 5;
