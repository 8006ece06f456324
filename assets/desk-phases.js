// Dialogs of the agenda: a new phase, a fresh run of one, what one says and lasts, cards that go on to another board.

import parts, { once } from "./desk-parts.js";

const STAGES = ["co-learning", "co-sharing", "co-creation"];
const LIVE = ["ready", "ready_shown", "look_back"];
const MOST = 50; // cards that can be carried at once

export default Vue => {
  const { h, ref, reactive, computed } = Vue;
  const { button, Field } = parts(Vue);

  // Fields of a form: each a ref of its text, kept while the page lives so that a slip of the hand loses nothing.
  const number = value => {
    const n = Number(String(value).trim().replace(",", "."));
    return String(value).trim() === "" ? null : n;
  };

  function choice(label, name, options, model, on = () => {}) {
    return h("fieldset", { class: "dialog-choice" }, [
      h("legend", { class: "label" }, label),
      options.map(([value, word]) =>
        h("label", { key: value, class: "dialog-option" }, [
          h("input", { type: "radio", name, value, checked: model.value === value, onChange: () => ((model.value = value), on(value)) }),
          h("span", { dir: "auto" }, word),
        ])),
    ]);
  }

  function select(id, label, options, value, on) {
    return [
      h("label", { class: "label", for: id }, label),
      h("select", { id, class: "field", value, onChange: event => on(event.target.value) },
        options.map(([key, word]) => h("option", { key, value: key, selected: key === value }, word))),
    ];
  }

  const tick = (label, checked, on) =>
    h("label", { class: "dialog-option" }, [h("input", { type: "checkbox", checked, onChange: event => on(event.target.checked) }), h("span", label)]);

  const foot = (desk, word, does, close) =>
    h("div", { class: "row" }, [button(word, does, { kind: "strong" }), button(desk.say("phone.cancel-do"), close, { kind: "quiet" })]);

  const boardsOf = desk => desk.all("board").filter(board => !board.group);

  // --- a new phase behind another, or before the first

  const Insert = {
    props: { desk: Object, phase: Object, before: Boolean, close: Function },
    setup({ desk, phase, before, close }) {
      const { say } = desk;
      const activities = desk.about.activities;
      const language = desk.session.value.languages.includes(desk.about.language) ? desk.about.language : desk.session.value.languages[0];
      const board = ref(phase.board ?? boardsOf(desk)[0]?.id ?? "new");
      const it = reactive({ activity: "brainstorm", stage: phase.stage ?? "", private: false, minutes: "5" });
      const fields = { title: ref(null), prompt: ref(null), guide: ref(null) };
      const word = name => {
        const said = say(`activity.${name}`);
        return said === `activity.${name}` ? name : said;
      };
      const said = field => fields[field].value?.value.trim() ?? "";
      const missing = ref("");

      const save = once(async () => {
        const title = said("title") || word(it.activity);
        const minutes = number(it.minutes);
        if (Number.isNaN(minutes)) return void (missing.value = say("error.phase.minutes", { n: 1440 }));
        const needs = activities[it.activity]?.board;
        const wish = {
          activity: it.activity,
          title: { [language]: title },
          after: before ? null : phase.id,
          ...(said("prompt") ? { prompt: { [language]: said("prompt") } } : {}),
          ...(said("guide") ? { guide: { [language]: said("guide") } } : {}),
          ...(minutes === null ? {} : { minutes }),
          ...(it.stage ? { stage: it.stage } : {}),
          ...(needs ? (board.value === "new" ? { new_board: { [language]: title } } : { board: board.value }) : {}),
          ...(it.activity === "brainstorm" && it.private ? { settings: { private: true } } : {}),
        };
        const answer = await desk.act("InsertPhase", wish, { what: say("did.insert", { title }) });
        if (!answer.ok) return;
        for (const field of Object.values(fields)) field.value?.clear();
        close();
        desk.tell(say("agenda.added", { title, i: before ? 1 : phase.order + 1 }));
      });

      const field = (name, label, rows, max) =>
        h(Field, { desk, ref: fields[name], keep: `insert/${name}`, label, rows, max });

      return () => [
        select("phase-activity", say("agenda.activity"), Object.keys(activities).map(name => [name, word(name)]), it.activity, value => (it.activity = value)),
        field("title", say("agenda.title"), undefined, 120),
        field("prompt", say("agenda.prompt"), 2, 500),
        h("label", { class: "label", for: "phase-minutes" }, say("agenda.minutes")),
        h("input", { class: "field short", id: "phase-minutes", inputmode: "decimal", autocomplete: "off", value: it.minutes, onInput: event => (it.minutes = event.target.value) }),
        missing.value ? h("p", { class: "alert", role: "alert" }, missing.value) : null,
        activities[it.activity]?.board
          ? select("phase-board", say("agenda.board"), [...boardsOf(desk).map(one => [one.id, desk.text(one.title)]), ["new", say("agenda.board-new")]], board.value, value => (board.value = value))
          : null,
        it.activity === "brainstorm" ? tick(say("plan.setting-private"), it.private, value => (it.private = value)) : null,
        h("details", [
          h("summary", say("plan.more")),
          select("phase-stage", say("agenda.stage"), [["", say("agenda.stage-none")], ...STAGES.map(stage => [stage, say(`stage.${stage}`)])], it.stage, value => (it.stage = value)),
          field("guide", say("agenda.guide"), 3, 2000),
        ]),
        foot(desk, say("agenda.insert-save-do"), save, close),
      ];
    },
  };

  // --- a fresh run of one that is there

  const Repeat = {
    props: { desk: Object, phase: Object, close: Function },
    setup({ desk, phase, close }) {
      const { say } = desk;
      const board = ref("same");
      const title = desk.text(phase.title);

      const save = once(async () => {
        const answer = await desk.act("RepeatPhase", { phase: phase.id, new_board: board.value === "new" }, { what: say("did.repeat", { title }) });
        if (!answer.ok) return;
        close();
        const at = desk.current.value ?? phase;
        desk.tell(say("agenda.added", { title, i: at.order + 1 }));
      });

      return () => [
        h("p", say("agenda.repeat-note")),
        phase.board ? choice(say("agenda.board"), "repeat-board", [["same", say("agenda.board-same")], ["new", say("agenda.board-new")]], board) : null,
        foot(desk, say("agenda.repeat-do"), save, close),
      ];
    },
  };

  // --- what a phase says, and how long it lasts

  const Change = {
    props: { desk: Object, phase: Object, close: Function },
    setup({ desk, phase, close }) {
      const { say } = desk;
      const { languages } = desk.session.value;
      const PARTS = [["title", "agenda.title", undefined, 120], ["prompt", "agenda.prompt", 2, 500], ["guide", "agenda.guide", 3, 2000]];
      const fields = Object.fromEntries(PARTS.flatMap(([part]) => languages.map(code => [`${part}.${code}`, ref(null)])));
      const minutes = ref(phase.minutes === null ? "" : String(phase.minutes));
      const settings = reactive(Object.fromEntries(LIVE.map(key => [key, Boolean(phase.settings[key])])));
      const missing = ref("");

      function texts(part) {
        const changed = {};
        for (const code of languages) {
          const text = fields[`${part}.${code}`].value?.value.trim() ?? "";
          if (text !== (phase[part]?.[code] ?? "")) changed[code] = text;
        }
        return Object.keys(changed).length ? { [part]: changed } : {};
      }

      const save = once(async () => {
        const wanted = number(minutes.value);
        if (Number.isNaN(wanted)) return void (missing.value = say("error.phase.minutes", { n: 1440 }));
        const flags = Object.fromEntries(LIVE.filter(key => settings[key] !== Boolean(phase.settings[key])).map(key => [key, settings[key]]));
        const wish = {
          phase: phase.id,
          ...PARTS.reduce((all, [part]) => ({ ...all, ...texts(part) }), {}),
          ...(wanted !== (phase.minutes ?? null) ? { minutes: wanted } : {}),
          ...(Object.keys(flags).length ? { settings: flags } : {}),
        };
        const title = desk.text(phase.title);
        if (Object.keys(wish).length > 1) {
          const answer = await desk.act("ChangePhase", wish, { what: say("did.change-step", { title }) });
          if (!answer.ok) return;
          desk.tell(say("agenda.changed", { title }));
        }
        for (const field of Object.values(fields)) field.value?.clear();
        close();
      });

      const label = (key, code) => (languages.length > 1 ? `${say(key)} (${desk.about.languages[code] ?? code})` : say(key));

      const [first, ...others] = [...languages].sort((a, b) => (b === desk.about.language) - (a === desk.about.language));
      const spoken = code =>
        PARTS.map(([part, key, rows, max]) =>
          h(Field, {
            desk, key: `${part}.${code}`, ref: fields[`${part}.${code}`], keep: `change/${phase.id}/${part}/${code}`,
            start: phase[part]?.[code] ?? "", label: label(key, code), rows, max,
          }));

      return () => [
        spoken(first),
        h("label", { class: "label", for: "phase-minutes" }, say("agenda.minutes")),
        h("input", { class: "field short", id: "phase-minutes", inputmode: "decimal", autocomplete: "off", value: minutes.value, onInput: event => (minutes.value = event.target.value) }),
        missing.value ? h("p", { class: "alert", role: "alert" }, missing.value) : null,
        others.length ? h("details", [h("summary", say("agenda.languages")), others.map(spoken)]) : null,
        h("details", [
          h("summary", say("plan.more")),
          LIVE.map(key => tick(say(`plan.setting-${key}`), settings[key], value => (settings[key] = value))),
        ]),
        foot(desk, say("phone.save-do"), save, close),
      ];
    },
  };

  // --- cards that go on to another board

  const Carry = {
    props: { desk: Object, ids: Array, close: Function },
    setup({ desk, ids = [], close }) {
      const { say } = desk;
      const there = id => desk.all("idea").some(idea => idea.board === id && idea.state === "open");
      const sources = boardsOf(desk).filter(board => there(board.id));
      const own = desk.board.value?.id;
      const from = ref((sources.find(board => board.id === own) ?? sources[0])?.id ?? "");
      const targets = computed(() => desk.phases.value.filter(phase => phase.board && phase.board !== from.value));
      const ahead = () => targets.value.find(phase => phase.order > (desk.current.value?.order ?? 0)) ?? targets.value[0];
      const to = ref(ahead()?.id ?? "");
      const what = ref(ids.length ? "chosen" : "best");
      const top = ref("5");

      const save = once(async () => {
        const phase = desk.get("phase", to.value);
        const title = desk.text(phase.title);
        const wish = {
          board: from.value,
          phase: to.value,
          top: Math.max(1, Math.min(MOST, Math.round(number(top.value) || 5))),
          ...(what.value === "chosen" ? { chosen: ids } : what.value === "best" ? {} : { of: what.value }),
        };
        const { ok, n } = await desk.gained(phase.board, () => desk.act("CarryForward", wish, { what: say("did.carry", { title }) }));
        if (!ok) return;
        close();
        desk.tell(n ? say("carry.done", { n, title }) : say("carry.none"));
      });

      return () =>
        !targets.value.length || !from.value
          ? [h("p", say(from.value ? "carry.no-step" : "error.carry.nothing")), button(say("phone.close-do"), close)]
          : [
              select("carry-from", say("carry.from"), sources.map(board => [board.id, desk.text(board.title)]), from.value, value => {
                from.value = value;
                if (!targets.value.some(phase => phase.id === to.value)) to.value = ahead()?.id ?? "";
              }),
              select("carry-to", say("carry.to"), targets.value.map(phase => [phase.id, `${phase.order}. ${desk.text(phase.title)}`]), to.value, value => (to.value = value)),
              choice(say("carry.what"), "carry-what", [
                ...(ids.length ? [["chosen", say("carry.chosen", { n: ids.length })]] : []),
                ["best", say("carry.best")], ["clusters", say("carry.clusters")], ["ideas", say("carry.ideas")],
              ], what),
              what.value === "chosen" ? null : [
                h("label", { class: "label", for: "carry-top" }, say("carry.top")),
                h("input", { class: "field short", id: "carry-top", inputmode: "numeric", value: top.value, onInput: event => (top.value = event.target.value) }),
                h("p", { class: "muted" }, say("carry.equals")),
              ],
              foot(desk, say("carry.do"), save, close),
            ];
    },
  };

  return desk => ({
    "phase-insert": it => [desk.say(it.before ? "agenda.insert-before-title" : "agenda.insert-title", { title: desk.text(it.phase.title) }), Insert],
    "phase-repeat": it => [desk.say("agenda.repeat-title", { title: desk.text(it.phase.title) }), Repeat],
    "phase-change": it => [desk.say("agenda.change-title", { title: desk.text(it.phase.title) }), Change],
    carry: () => [desk.say("carry.title"), Carry],
  });
};
