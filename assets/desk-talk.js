// What is talked about: the items one after another, with a note for each that saves itself.

import parts from "./desk-parts.js";

const COMING = 2000; // ms in which what was saved comes back

export default Vue => {
  const { h, computed, ref, watch, onMounted } = Vue;
  const { button, icon, Field } = parts(Vue);

  // A note: saved 600 ms after the last key, and when the field is left; kept on this device until it has arrived. Where
  // two write it at once, what the other wrote stands first, and this desk's words behind it.
  const Note = {
    props: { desk: Object, phase: String, item: String, title: String },
    setup({ desk, phase, item, title }) {
      const { say } = desk;
      const lane = `note/${phase}/${item}`;
      const saved = computed(() => desk.get("note", `${phase}/${item}`)?.text ?? "");
      const state = ref("");
      const field = ref(null);
      let timer = null;
      let last = desk.client.kept(lane) || null; // what is here and not saved yet
      let base = last?.startsWith(saved.value) === false ? "" : saved.value; // what stood there when it was begun
      let coming = 0; // texts of this desk that have been sent and not come back

      function later(text) {
        last = text;
        state.value = "";
        clearTimeout(timer);
        timer = setTimeout(save, 600);
      }

      watch(saved, text => {
        if (last === null || coming) base = text;
        coming = Math.max(0, coming - 1);
      });

      function together() {
        const mine = last.startsWith(base) ? last.slice(base.length) : last;
        base = saved.value;
        field.value.set(`${base}\n${mine.trim()}`);
      }

      async function save() {
        clearTimeout(timer);
        if (last === null || last.trim() === saved.value) return;
        if (saved.value !== base && !coming && field.value) return together();
        const text = last;
        state.value = "sending";
        coming += 1;
        const answer = await desk.act("TakeNote", { phase, item, text }, { keep: true, lane, what: null });
        if (!answer.ok) {
          coming = Math.max(0, coming - 1);
          return void (state.value = answer.error.key === "replaced" ? state.value : "failed");
        }
        setTimeout(() => state.value !== "sending" && (coming = 0), COMING);
        state.value = "saved";
        if (last !== text) return;
        last = null;
        desk.client.keep(lane, "");
      }

      onMounted(() => last && save());
      return () =>
        h("div", { class: "note" }, [
          h(Field, { desk, ref: field, keep: lane, label: say("desk.note-label", { title }), rows: 3, max: 2000, start: saved.value, onText: later, onLeave: save }),
          h("p", { class: "muted" }, state.value === "saved" ? say("desk.note-saved") : state.value === "failed" ? say("idea.failed") : say("desk.note-hint")),
        ]);
    },
  };

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const phase = computed(() => desk.current.value);
      const items = computed(() => phase.value?.doing?.items ?? []);
      const item = computed(() => phase.value?.doing?.item ?? null);
      const at = computed(() => items.value.indexOf(item.value));
      const round = computed(() => desk.rounds.value.filter(it => it.board === phase.value?.board).pop());
      const tally = computed(() => (round.value ? desk.get("tally", round.value.id)?.results ?? {} : {}));

      const turn = id =>
        desk.act("discuss.Turn", { phase: phase.value.id, item: id }, { what: say("did.turn", { title: id ? desk.nameOf(id) : say("discuss.all") }) });

      function row(id, i) {
        const n = tally.value[id];
        const [tag, does] = desk.may("discuss.Turn") ? ["button", { type: "button", onClick: () => turn(id) }] : ["div", {}];
        return h("li", { key: id }, [
          h(tag, { class: ["talk-row", { now: id === item.value }], "aria-current": id === item.value ? "true" : null, ...does }, [
            h("span", { class: "agenda-number" }, String(i + 1)),
            h("span", { class: "talk-title", dir: "auto" }, desk.nameOf(id)),
            n === undefined ? null : h("span", { class: "talk-votes" }, say(round.value.method === "dots" ? "vote.dots-on" : "vote.votes-on", { n })),
            desk.get("note", `${phase.value.id}/${id}`) ? h("span", { class: "talk-note" }, [icon("pen"), h("span", { class: "sr" }, say("discuss.notes"))]) : null,
          ]),
        ]);
      }

      function current() {
        const id = item.value;
        const cards = desk.all("idea").filter(idea => idea.cluster === id && idea.state === "open").sort((a, b) => a.number - b.number);
        return h("div", { class: "talk-now", key: id }, [
          h("p", { class: "muted" }, say("discuss.item", { i: at.value + 1, n: items.value.length })),
          h("h3", { dir: "auto" }, desk.nameOf(id)),
          cards.length
            ? h("ul", { class: "talk-cards" }, cards.map(idea => h("li", { key: idea.id, lang: idea.lang || null, dir: "auto" }, [h("span", { class: "number" }, idea.number), " ", idea.text ?? ""])))
            : null,
          note(id, desk.nameOf(id)),
        ]);
      }

      function note(of, title) {
        if (desk.may("TakeNote")) return h(Note, { desk, phase: phase.value.id, item: of, title, key: of });
        const text = desk.get("note", `${phase.value.id}/${of}`)?.text;
        return text ? h("p", { class: "quote", dir: "auto" }, text) : null;
      }

      return () => {
        const last = items.value.length - 1;
        return h("section", { class: "talk" }, [
          items.value.length ? h("ol", { class: "talk-list" }, items.value.map(row)) : h("p", say("discuss.none")),
          items.value.length && desk.may("discuss.Turn")
            ? h("div", { class: "row talk-turn" }, [
                button(say("desk.item-previous-do"), () => turn(items.value[at.value - 1] ?? null), { icon: "back", disabled: at.value < 0 }),
                button(say("desk.item-next-do"), () => turn(items.value[at.value + 1]), { icon: "next", kind: "strong", disabled: at.value >= last }),
              ])
            : null,
          item.value ? current() : note(phase.value.id, desk.text(phase.value.title)),
        ]);
      };
    },
  };
};
