// Writing for the room; what could not be sent; ideas that came late; cards that were taken down.

import moderation from "./desk-moderation.js";
import parts from "./desk-parts.js";

export default Vue => {
  const { h, computed, ref } = Vue;
  const { button, icon, Field } = parts(Vue);
  const { Waiting, Muted } = moderation(Vue);

  const Scribe = {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const field = ref(null);
      const column = ref(null);
      const phase = computed(() => (desk.current.value?.board ? desk.current.value : null));
      const board = computed(() => (phase.value ? desk.get("board", phase.value.board) : null));
      const group = computed(() => desk.groupAt(desk.board.value?.id)); // whose board is open
      const unsent = computed(() => desk.outbox.value.filter(it => it.kind === "PostIdea"));

      let isFresh = false; // nothing has been typed since the last one was sent: a second click means nothing

      async function post(text) {
        if (!text.trim()) return isFresh || desk.tell(say("idea.empty"), "refusal");
        const columns = board.value.columns;
        if (columns.length && !columns.some(it => it.id === column.value)) column.value = columns[0].id;
        const lang = desk.session.value.languages.includes(desk.about.language) ? { lang: desk.about.language } : {};
        const open = desk.board.value?.of === phase.value.board ? { board: desk.board.value.id } : {};
        const fields = { phase: phase.value.id, text, ...lang, ...open, ...(columns.length ? { column: column.value } : {}) };
        field.value.clear(); // it is in the outbox now
        isFresh = true;
        const answer = await desk.post(fields);
        if (answer.ok) desk.tell(say("desk.scribe-saved"));
      }

      function columns() {
        const all = board.value.columns;
        if (!all.length) return null;
        return h("label", { class: "label" }, [
          h("span", say("report.column")),
          h("select", { class: "field", value: column.value ?? all[0].id, onChange: event => (column.value = event.target.value) },
            all.map(it => h("option", { value: it.id, key: it.id }, desk.text(it.title)))),
        ]);
      }

      const waiting = it =>
        h("li", { key: it.id, class: it.status === "failed" ? "alert" : "" }, [
          h("p", { dir: "auto" }, it.text),
          h("p", { class: "muted" }, it.status === "failed" ? `${say("idea.failed")} ${desk.sentenceOf(it.error)}` : say("idea.waiting")),
          it.status === "failed"
            ? h("div", { class: "row" }, [
                button(say("idea.again"), () => desk.client.amend(it.id, {}), { kind: "small" }),
                button(say("desk.to-field-do"), () => desk.client.discard(it.id) && field.value.set(it.text), { kind: "small" }),
              ])
            : null,
        ]);

      return () =>
        board.value && desk.session.value?.state !== "ended" && desk.may("PostIdea")
          ? h("section", { class: "part scribe" }, [
              h("h2", { class: "sr" }, say("desk.scribe-label")),
              h(Field, { desk, ref: field, keep: "scribe", label: say("desk.scribe"), rows: 2, max: 500, enter: post, onText: text => (isFresh = isFresh && !text) }),
              columns(),
              desk.isGrouped.value ? h("p", { class: "muted" }, say("desk.scribe-to", { board: group.value ? desk.groupPlace(group.value) : say("desk.group-plenary-do") })) : null,
              button(say("desk.scribe-do"), () => post(field.value.value), { icon: "pen", kind: "wide" }),
              unsent.value.length ? h("ul", { class: "waiting" }, unsent.value.map(waiting)) : null,
            ])
          : unsent.value.length
            ? h("section", { class: "part scribe" }, h("ul", { class: "waiting" }, unsent.value.map(waiting)))
            : null;
    },
  };

  // A list of cards that nobody else sees, folded away until it is asked for.
  const Cards = {
    props: { desk: Object, title: String, cards: Array, open: Boolean },
    setup(props, { slots }) {
      return () =>
        h("details", { open: props.open, class: "private-list" }, [
          h("summary", [icon("lock"), h("span", props.title)]),
          h("ul", props.cards.map(idea =>
            h("li", { key: idea.id }, [
              h("p", { lang: idea.lang || null, dir: "auto" }, [h("span", { class: "number" }, `${idea.number} `), h("span", idea.text ?? props.desk.say("card.erased"))]),
              idea.reason ? h("p", { class: "muted" }, `„${idea.reason}“`) : null,
              props.desk.isFlagged(idea.text) ? h("p", { class: "flagged" }, [icon("eye"), h("span", props.desk.say("desk.flagged"))]) : null,
              slots.default({ idea }),
            ]),
          )),
        ]);
    },
  };

  const Queue = {
    props: { desk: Object, folded: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;

      async function admit(idea) {
        const answer = await desk.act("AdmitLate", { idea: idea.id }, { what: say("did.admit", { number: idea.number }) });
        if (answer.ok) desk.tell(say("desk.admitted"));
      }

      const restore = idea => desk.act("RestoreIdea", { idea: idea.id }, { what: say("did.restore", { number: idea.number }) });
      const hide = idea => (desk.open.value = { kind: "hide", idea });
      const erase = idea => (desk.open.value = { kind: "erase", idea });

      function queue() {
        const late = desk.late.value;
        const hidden = desk.hidden.value;
        const read = desk.all("idea").filter(idea => ["waiting", "returned", "rejected"].includes(idea.state));
        if (!late.length && !hidden.length && !read.length && !desk.all("mute").length) return null;
        return h("section", { class: "part queue" }, [
          h("h2", say("desk.queue-count", { n: late.length + read.filter(idea => idea.state === "waiting").length })),
          h(Waiting, { desk, open: !props.folded }),
          late.length
            ? h(Cards, { desk, title: say("desk.late", { n: late.length }), cards: late, open: !props.folded }, ({ idea }) =>
                h("div", { class: "row" }, [
                  button(say("desk.admit-do"), () => admit(idea), { kind: "small strong" }),
                  desk.may("HideIdea") ? button(say("desk.hide-do"), () => hide(idea), { kind: "small" }) : null,
                ]))
            : null,
          hidden.length
            ? h(Cards, { desk, title: `${say("desk.hidden-title")} (${hidden.length})`, cards: hidden, open: false }, ({ idea }) =>
                h("div", { class: "row" }, [
                  button(say("desk.unhide-do"), () => restore(idea), { kind: "small" }),
                  desk.may("EraseIdea") ? button(say("desk.erase-do"), () => erase(idea), { kind: "small danger" }) : null,
                ]))
            : null,
          h(Muted, { desk }),
        ]);
      }

      return queue;
    },
  };

  return { Queue, Scribe };
};
