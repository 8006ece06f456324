// What is talked about: the items one after another, with a note for each that saves itself.

import parts from "./desk-parts.js";

const COMING = 2000; // ms in which what was saved comes back
const PAUSE = 600; // ms after the last key

const same = (one, other) => tidy(one) === tidy(other);
const tidy = text => text.normalize("NFC").replace(/[ \t\u00a0]+/g, " ").replace(/\n\s*\n+/g, "\n").trim(); // core/text.py

// What was changed between `base` and `mine`, in `theirs`: where that is not clear their words stand first, and what is
// new of ours behind them. No word is lost, and none stands there twice.
export function merged(base, mine, theirs) {
  const most = Math.min(base.length, mine.length);
  let from = 0;
  while (from < most && base[from] === mine[from]) from++;
  let rest = 0;
  while (rest < most - from && base[base.length - 1 - rest] === mine[mine.length - 1 - rest]) rest++;
  const fresh = mine.slice(from, mine.length - rest);
  const until = base.length - rest;
  if (theirs === base) return mine;
  if (fresh && theirs.startsWith(mine.slice(0, from) + fresh)) return theirs; // ours had arrived
  if (theirs.startsWith(base.slice(0, until))) {
    const [head, tail, old] = [mine.slice(0, mine.length - rest), theirs.slice(until), base.slice(until)];
    const isSpot = fresh && tail !== old && tail.endsWith(old); // both wrote at the same place
    return `${head}${isSpot && /\S$/.test(head) && /^\S/.test(tail) ? "\n" : ""}${tail}`;
  }
  if (theirs.endsWith(base.slice(from))) return theirs.slice(0, theirs.length - base.length + from) + mine.slice(from);
  return fresh.trim() ? `${theirs}\n${fresh.trim()}` : theirs;
}

export default Vue => {
  const { h, computed, ref, watch, nextTick, onMounted } = Vue;
  const { button, icon, Field } = parts(Vue);

  // A note: saved after a pause, and when the field is left; kept on this device until it has arrived. Each text names
  // the one that it was written on: where somebody else was faster, it is refused, and both are put together.
  const Note = {
    props: { desk: Object, phase: String, item: String, title: String },
    setup({ desk, phase, item, title }) {
      const { say, client } = desk;
      const lane = `note/${phase}/${item}`;
      const saved = computed(() => desk.get("note", `${phase}/${item}`)?.text ?? "");
      const state = ref("");
      const field = ref(null);
      let timer = null;
      let isBusy = false;
      let last = client.kept(lane) || null; // what is here and not saved yet
      let base = last === null ? saved.value : client.kept(`${lane}/base`) ?? ""; // what stood there when it was begun

      function later(text) {
        if (last === null) client.keep(`${lane}/base`, base);
        last = text;
        state.value = "";
        soon();
      }

      function soon() {
        clearTimeout(timer);
        timer = setTimeout(save, PAUSE);
      }

      watch(saved, () => last === null && !isBusy && show());

      function show() {
        base = saved.value;
        if (field.value && !same(field.value.value, base)) field.value.put(base);
      }

      function together() {
        last = merged(base, last, saved.value);
        base = saved.value;
        client.keep(lane, last);
        client.keep(`${lane}/base`, base);
        field.value?.put(last);
      }

      async function save() {
        clearTimeout(timer);
        if (isBusy || last === null) return;
        if (saved.value !== base) together();
        const text = last;
        if (same(text, base)) return settle();
        isBusy = true;
        state.value = "sending";
        const { ok, error } = await client.do("TakeNote", { phase, item, text, base }, { keep: true, lane });
        const isOvertaken = error?.key === "note.overtaken";
        if (ok || isOvertaken) await news(base);
        isBusy = false;
        if (ok) {
          base = tidy(text);
          return last === text ? settle() : soon();
        }
        if (isOvertaken) return save();
        if (error.key === "replaced") return;
        state.value = "failed";
        desk.refuse(error);
      }

      // The answer may be here before what has changed.
      const news = before =>
        new Promise(done => {
          const check = () => saved.value !== before && finish();
          const stop = watch(saved, check);
          const patience = setTimeout(finish, COMING);
          function finish() {
            clearTimeout(patience);
            stop();
            done();
          }
          nextTick(check);
        });

      function settle() {
        last = null;
        client.keep(lane, "");
        client.keep(`${lane}/base`, "");
        state.value = "saved";
        show();
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
            ? h("ul", { class: "talk-cards" }, cards.map(idea => h("li", { key: idea.id, lang: idea.lang || null, dir: "auto" }, [h("span", { class: "number" }, `${idea.number} `), h("span", idea.text ?? "")])))
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
