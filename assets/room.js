// What every component of a page gets: records that redraw it, words, the workshop's own texts, and the time.

import { newId } from "./live.js";
import { sayer } from "./say.js";

const GRACE = 20000; // ms after a phase has closed by itself in which what is sent still counts: core/phases.py

export function makeRoom(Vue, { client, about, announce }) {
  const version = Vue.shallowRef(0);
  const time = Vue.shallowRef(client.now());
  const words = Vue.shallowRef({ code: about.lang, entries: about.words, say: sayer(about.lang, about.words) });
  const drafts = Vue.shallowRef({});
  const redraw = () => version.value++;
  client.onChange(redraw);
  const tick = () => (time.value = client.now());
  client.onState(() => (tick(), redraw()));
  setInterval(tick, 500);

  // In groups a phase has the own group's board, and the question of its table; the step's own is its `frame` then.
  function seated(phase) {
    const wish = phase?.settings?.groups;
    const group = wish && !wish.back ? client.all("group").find(it => it.phase === phase.id) : null;
    const board = group && client.get("board", group.board);
    if (!board) return phase;
    return { ...phase, board: board.id, ...(Object.keys(board.prompt ?? {}).length ? { prompt: board.prompt, frame: phase.prompt } : {}) };
  }

  const room = {
    client,
    about,
    announce,
    get: (type, id) => (version.value, type === "phase" ? seated(client.get(type, id)) : client.get(type, id)),
    all: type => (version.value, type === "phase" ? client.all(type).map(seated) : client.all(type)),
    get state() {
      return version.value, client.state;
    },
    get outbox() {
      return version.value, client.outbox;
    },
    get session() {
      return room.all("session")[0] ?? null;
    },
    get now() {
      return time.value;
    },
    get lang() {
      return words.value.code;
    },
    say: (key, values) => words.value.say(key, values),
    speak(code, entries) {
      words.value = { code, entries, say: sayer(code, entries) };
    },
    text: texts => pick(texts, words.value.code)[1],
    // An element with a text of the workshop, in the language it has.
    told(tag, texts, attributes) {
      const [lang, text] = pick(texts, words.value.code);
      return Vue.h(tag, { lang: lang || null, dir: "auto", ...attributes }, text);
    },
    // An element with what a person wrote.
    wrote: (tag, record, attributes) =>
      Vue.h(
        tag,
        { lang: record.lang || null, dir: "auto", ...attributes },
        record.text ?? room.say("card.erased"),
      ),
    activity(phase) {
      const key = `activity.${phase.activity}`;
      return words.value.entries[key] ?? room.text(phase.title);
    },
    // The sentence for a refusal.
    refusal(error) {
      const { key, values = {} } = error ?? {};
      if (key === "net.off") return room.say("net.off");
      const found = `error.${key}`;
      const known = words.value.entries[found] ?? words.value.entries[`${found}_other`];
      const more = values.activity ? { activity: room.say(`activity.${values.activity}`) } : {};
      return room.say(known ? found : "error.other", { ...values, ...more });
    },
    // A cluster or an idea as one line.
    title(id) {
      const cluster = room.get("cluster", id);
      if (cluster) return cluster.title || room.say("cluster.untitled", { letter: cluster.letter });
      return room.get("idea", id)?.text ?? room.say("card.erased");
    },
    // The same as an element.
    titled(tag, id, attributes) {
      const { lang } = room.get("idea", id) ?? {};
      return Vue.h(tag, { lang: lang || null, dir: "auto", ...attributes }, room.title(id));
    },
    // The one that came with the page is not reckoned again: a slow phone takes a tenth of a second to learn how.
    date(ms) {
      if (about.date?.at === ms && room.lang === about.lang) return about.date.text;
      return format(words.value.entries, ms, { day: "numeric", month: "long", year: "numeric" }, room.session);
    },
    clock: ms => format(words.value.entries, ms, { hour: "2-digit", minute: "2-digit" }, room.session),
    onBoard: board => room.all("idea").filter(idea => idea.board === board && (idea.state ?? "open") === "open"),
    clusters: board =>
      room.all("cluster").filter(it => it.board === board).sort((a, b) => rank(a.letter) - rank(b.letter)),
    rounds: phase => room.all("round").filter(it => it.phase === phase).sort((a, b) => a.number - b.number),
    // [{option, number, rank}], best first; equals share a rank.
    results(round) {
      const results = Object.entries(room.get("tally", round)?.results ?? {}).sort((a, b) => b[1] - a[1]);
      return results.map(([option, number]) => ({
        option,
        number,
        hands: room.get("tally", round)?.hands?.[option] ?? 0,
        rank: 1 + results.findIndex(other => other[1] === number),
      }));
    },
    phase: id => room.get("phase", id ?? room.session?.phase),
    // ms in which a phase that closes by itself still takes what is sent, once its time is up; else 0.
    closing(phase) {
      const left = phase?.settings.closes && phase.ends ? phase.ends - time.value : Infinity;
      return left <= 0 && ["open", "closed"].includes(phase.state) ? Math.max(0, left + GRACE) : 0;
    },
    // Unsent text, kept over reload: `key` is a phase, or a phase and an idea with a dot between.
    draft: key => drafts.value[key] ?? client.draft(key),
    write(key, text) {
      drafts.value = { ...drafts.value, [key]: text };
      client.write(key, text);
    },
    isHalfWritten: phase =>
      Boolean(room.draft(phase).trim() || client.drafts().some(it => it.isMine && it.key.startsWith(`${phase}.`) && it.text.trim())),
    // Texts that are not sent and may be out of sight: a part of the page knows.
    unsent: at =>
      (drafts.value, client.drafts().filter(it => !it.isMine || it.key !== at).length + room.outbox.filter(it => it.status === "failed" && (it.text || it.title)).length),
    forget(where) {
      drafts.value = {};
      client.forget(where);
    },
    async post(fields) {
      const id = newId();
      const { ok, error } = await client.do("PostIdea", fields, { id, keep: true });
      if (!ok) return announce(`${room.say("idea.failed")} ${room.refusal(error)}`);
      const board = room.get("board", fields.board ?? room.phase(fields.phase)?.board);
      if (room.phase(fields.phase)?.settings?.approval) announce(room.say("idea.moderation"));
      else announce(room.say(board?.revealed === false ? "idea.saved-private" : "idea.saved"));
    },
    // A wish without words: kept until it is answered; refused for good, it is not kept any more.
    async wish(kind, fields, lane = null) {
      const id = newId();
      const answer = await client.do(kind, fields, { id, keep: true, lane });
      if (!answer.ok) client.discard(id);
      return answer;
    },
    // One's own cards, of one phase or of all: what is on disk, then what is on its way.
    own(phase) {
      const waiting = room.outbox;
      const of = (kind, id) => waiting.filter(it => it.kind === kind && it.idea === id).pop();
      const back = id => of("WithdrawIdea", id);
      const goes = id => back(id) && back(id).status !== "failed";
      const stored = room.all("own").filter(it => !["withdrawn", "erased"].includes(it.state) && !goes(it.id));
      const mine = stored.map(it => {
        const edit = of("EditIdea", it.id);
        const item = edit ?? back(it.id);
        return { ...room.get("idea", it.id), ...it, ...(edit ? { text: edit.text } : {}), ...(item ? { item } : {}) };
      });
      const coming = [];
      for (const item of waiting) {
        if (item.kind === "PostIdea" && !room.get("own", item.id) && !goes(item.id)) coming.push({ ...item, state: item.status, item });
      }
      const all = [...mine.sort((a, b) => a.number - b.number), ...coming];
      return phase ? all.filter(it => it.phase === phase) : all;
    },
  };
  return room;
}

// (language, text): the wanted language, its parent, English, or the first.
export function pick(texts, wanted) {
  const parts = (wanted ?? "").split("-");
  const codes = parts.map((part, i) => parts.slice(0, parts.length - i).join("-"));
  const code = [...codes, "en", ...Object.keys(texts ?? {})].find(it => texts?.[it]);
  return code ? [code, texts[code]] : ["", ""];
}

// `2:05`
export function minutes(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// What a clock shows: null where there is none. `ms` may be below 0.
export function left(phase, now) {
  if (!phase || phase.state === "ended" || phase.state === "waiting") return null;
  if (phase.left !== null && phase.left !== undefined) return { ms: phase.left, stopped: true };
  return phase.ends ? { ms: phase.ends - now, stopped: false } : null;
}

// By the session's clock, wherever the browser is; by its own where that is too old to know the place.
export function format(entries, ms, options, session) {
  const by = timeZone => new Intl.DateTimeFormat(entries["language.locale"], { ...options, timeZone }).format(ms);
  try {
    return by(session.timezone);
  } catch {
    return by();
  }
}

function rank(letter) {
  return [...letter].reduce((sum, sign) => sum * 26 + sign.charCodeAt(0) - 64, 0);
}
