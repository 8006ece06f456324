// What the room sees: the way in, the question, the time left, and the board, so that all of it always fits.

import * as Vue from "./vue.js";

import { bars } from "./answer-bars.js";
import { icon } from "./icons.js";
import { boardName, groupName } from "./tables.js";
import { connect } from "./live.js";
import Poll, { voted } from "./poll.js";
import { ROWS, shown } from "./results.js";
import { left, makeRoom, minutes } from "./room.js";
import Wall, { pages } from "./wall.js";
import { io } from "./wire.js";

const { h, ref, shallowRef, watch } = Vue;
const [poll, wall] = [Poll, Wall].map(make => make(Vue));

const TURN = 12000; // ms until the next page
const PATIENCE = 3000; // ms without connection until we say so
const BACKS = 60; // face-down cards drawn at most
const WORDS = 24; // of a check-in, on a page
const ROOM = 380; // their letters, wide ones counted twice; a gap between two is four
const FEW = 140; // letters of words that are written larger
const TEXTS = 4; // of a look back, on a page
const GROUPS = 15; // on a page
const ITEMS = 5; // of what will be talked about, on a page

const about = JSON.parse(document.getElementById("about").textContent);
const client = connect({ io, code: about.code, role: "screen", getToken });
const room = makeRoom(Vue, { client, about, announce() {} });
const { say } = room;

// `had`: the token it had last: it was open before the door closed.
async function getToken(had) {
  const before = had ? { body: JSON.stringify({ token: had }), headers: { "Content-Type": "application/json" } } : {};
  const answer = await fetch(`/auth/screen/${about.code}`, { method: "POST", ...before });
  const { token, key } = await answer.json();
  if (!token) throw Object.assign(new Error(key), { key });
  return token;
}

// --- what is shown

const name = new URLSearchParams(location.search).get("screen") || "main";
const isClosed = () => name !== "main" && room.session && !room.get("screen", name);
const shows = () => (isClosed() ? { what: "closed" } : room.get("screen", name)?.shows ?? { what: "phase" });
const phase = () => room.phase();
const dark = ref(false);
const size = ref(0);

const board = () => {
  const { what, board: chosen } = shows();
  if (what === "board") return chosen ?? phase()?.board ?? null;
  return phase()?.board ?? null;
};

const round = () => {
  const { what, round: chosen } = shows();
  if (what === "results" && chosen) return room.get("round", chosen);
  const shown = room.all("round").filter(it => it.state === "shown");
  if (what === "results") return shown[shown.length - 1] ?? null;
  return phase()?.activity === "vote" ? room.rounds(phase().id).pop() ?? null : null;
};

// Which picture: what the desk chose, else what the phase asks for.
function picture() {
  const { what } = shows();
  if (what !== "phase") return what;
  if (room.session?.state === "ended") return "end";
  const it = phase();
  if (!it || it.activity === "welcome") return "code";
  if (it.activity === "pause" || it.activity === "discuss") return it.activity;
  if (it.activity === "check_in" || it.activity === "reflect") return "answers";
  if (it.activity === "vote") {
    if (round()?.state === "shown") return "results";
    return it.settings.takes_ideas ? "board" : "vote";
  }
  if (!it.board) return "phase";
  if (it.settings.groups && !it.settings.groups.back) return "working";
  const { face_down: n = 0 } = counts() ?? {};
  const isPrivate = it.settings.private && room.get("board", it.board)?.revealed === false;
  return isPrivate && (n || !room.onBoard(it.board).length) ? "private" : "board";
}

// --- pages: fixed from the desk, turned with a clicker, or turning by themselves

const at = ref(0);
const byHand = ref(false);
let turned = performance.now();

function leaves() {
  size.value; // drawn anew when the window changes
  const now = picture();
  if (now === "board") {
    const it = phase();
    const sorted = shows().what === "board" || ["cluster", "discuss", "vote"].includes(it?.activity);
    return pages(room, board(), sorted, it?.activity === "cluster", shows().zoom);
  }
  if (now === "cluster") return pages(room, room.get("cluster", shows().cluster)?.board, false, false, shows().zoom, shows().cluster);
  const sliced = (n, size) => Array.from({ length: Math.ceil(n / size) }, (_, i) => ({ from: i * size }));
  if (now === "results" && round()) return sliced(shown(room.results(round().id)), ROWS);
  if (now === "groups") return sliced(counts()?.groups?.length ?? 0, GROUPS);
  const { items = [], item = null } = phase()?.doing ?? {};
  if (now === "answers") return phase()?.activity === "reflect" ? sliced(said().length, TEXTS) : heaps(said());
  return now === "discuss" && !item ? sliced(items.length, ITEMS) : [];
}

// What all may read of the answers: words that say the same once, with how often; or whole texts.
function said() {
  const it = phase();
  if (!it?.doing?.shown) return [];
  const texts = room.all("answer").filter(one => one.phase === it.id);
  if (it.activity === "reflect") return texts.map(one => ({ ...one, n: 1 }));
  const words = new Map();
  for (const one of texts) {
    const key = one.text.toLocaleLowerCase();
    words.set(key, { ...one, ...words.get(key), n: (words.get(key)?.n ?? 0) + 1 });
  }
  return [...words.values()].sort((a, b) => b.n - a.n || (a.text < b.text ? -1 : 1));
}

// [{from, to}] of words, as many on a page as have room on it.
function heaps(list) {
  const heaps = [];
  let full = Infinity;
  list.forEach((one, i) => {
    const takes = one.text.length + (one.text.match(/[WM@\u1100-\uffff]/gi) ?? []).length + 4;
    if (full + takes > ROOM || i - heaps[heaps.length - 1].from >= WORDS) heaps.push({ from: i }), (full = 0);
    heaps[heaps.length - 1].to = i + 1;
    full += takes;
  });
  return heaps;
}

const page = () => {
  const last = Math.max(0, leaves().length - 1);
  return Math.min(last, shows().page ?? at.value);
};

function turn(by) {
  const n = leaves().length;
  if (shows().page !== undefined || n < 2) return;
  at.value = (page() + by + n) % n;
  turned = performance.now();
}

watch(() => [room.session?.phase, JSON.stringify(shows()), picture()].join(), () => {
  at.value = 0;
  byHand.value = false;
  turned = performance.now();
});

setInterval(() => !byHand.value && performance.now() - turned >= TURN && turn(1), 500);

const KEYS = { PageDown: 1, ArrowRight: 1, ArrowDown: 1, " ": 1, PageUp: -1, ArrowLeft: -1, ArrowUp: -1 };
addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "b" || event.key === "B" || event.key === ".") dark.value = !dark.value;
  else if (event.key === "Escape") dark.value = false;
  else if (KEYS[event.key]) {
    byHand.value = true;
    turn(KEYS[event.key]);
  } else return;
  event.preventDefault();
});
addEventListener("resize", () => size.value++);
for (const event of ["pageshow", "focus", "online"]) addEventListener(event, client.wake);
document.addEventListener("visibilitychange", () => document.hidden || client.wake());

// --- a soft sound at one minute and at the end, if the desk wants it

const sound = shallowRef(null); // the module, once it is wanted
const sounding = ref(false); // whether the browser lets this page sound

function wants() {
  return Boolean(room.session?.sound);
}

async function loadSound(attempt = 0) {
  const again = attempt ? `?${attempt}` : "";
  try {
    sound.value = (await import("./sound.js" + again)).default;
    wakeSound();
  } catch {
    setTimeout(() => loadSound(attempt + 1), 2000);
  }
}

function wakeSound() {
  if (!sound.value || !wants()) return;
  sound.value.wake();
  setTimeout(() => (sounding.value = sound.value.isReady()), 200);
}

watch(wants, wanted => wanted && (sound.value ? wakeSound() : loadSound()), { immediate: true });
for (const event of ["pointerdown", "keydown"]) addEventListener(event, wakeSound);

watch(
  [() => room.session?.phase, () => seconds(), wants],
  ([now, s, wanted], [before, earlier]) => {
    if (!wanted || now !== before || !sound.value) return;
    const name = earlier > 60 && s <= 60 && s > 50 ? "minute" : earlier > 0 && s <= 0 && s > -10 ? "end" : null;
    if (!name) return;
    const times = sound.value.ring(name);
    document.documentElement.dataset.rang = times ? name : "";
  },
);

function seconds() {
  const it = left(phase(), room.now);
  return it && !it.stopped ? Math.ceil(it.ms / 1000) : Infinity;
}

// --- the frame around it

// A page that has just been opened is told the counts a second later: until then what they say takes its room unseen.
const counts = () => room.get("counts", "counts");
const unknown = () => ({ unknown: !counts() });

function stages() {
  const agenda = room.all("phase").filter(it => it.stage && !it.skipped);
  const names = [...new Set(agenda.map(it => it.stage))];
  if (!names.length) return room.told("span", room.session.title, { class: "title" });
  const now = phase()?.stage;
  return h("ol", { class: "stages" }, names.map(name =>
    h("li", { key: name, class: [name, { now: name === now }], "aria-current": name === now ? "step" : null }, [
      icon(h, name),
      h("span", say(`stage.${name}`)),
    ]),
  ));
}

const code = () => `${about.code.slice(0, 3)} ${about.code.slice(3)}`;

function header() {
  const { joined = 0, people: n = joined } = counts() ?? {};
  return h("header", [
    stages(),
    h("span", { class: "address", translate: "no" }, about.address),
    h("strong", { class: "code", translate: "no" }, code()),
    h("span", { class: ["people", unknown()] }, [
      icon(h, "people"),
      h("span", { "aria-hidden": "true" }, n),
      h("span", { class: "sr" }, say("screen.people", { n })),
    ]),
  ]);
}

function clock() {
  const it = left(phase(), room.now);
  if (!it || shows().what === "results" || picture() === "pause" || !belongs()) return null;
  const n = Math.round(it.ms / 60000);
  const time = it.ms > 120000 ? say("timer.short", { n }) : it.ms > 0 ? minutes(it.ms) : say("timer.over");
  return h("p", { class: ["clock", { over: it.ms <= 0 && !it.stopped }], role: "timer", "aria-live": "off" }, [
    it.stopped ? h("span", { class: "label" }, say("timer.paused")) : null,
    h("span", time),
  ]);
}

function readyCount() {
  const { ready, ready_shown: wanted } = phase()?.settings ?? {};
  if (!ready || !wanted || !belongs() || FULL.includes(picture())) return null;
  const { ready: k = 0, joined: n = 0 } = counts() ?? {};
  return h("p", { class: ["text ready", unknown()] }, n >= k && n ? say("screen.ready", { k, n }) : say("screen.ready-people", { n: k }));
}

function question() {
  const it = phase();
  const { what } = shows();
  if (!belongs()) {
    const shown = what === "board" ? room.get("board", board()) : null;
    if (shown?.of && room.text(shown.prompt)) return h("h1", fit(shown.prompt), [h("span", { class: "label" }, `${boardName(room, shown)}: `), room.told("span", shown.prompt)]);
    if (shown?.of) return h("h1", boardName(room, shown));
    return room.told("h1", shown?.title ?? room.get("phase", round()?.phase)?.prompt ?? room.session.title);
  }
  const texts = room.text(it?.prompt) ? it.prompt : it?.title ?? room.session.title;
  return room.told("h1", texts, fit(texts));
}

function fit(texts) {
  const n = room.text(texts).length;
  return { class: n > 110 ? "longer" : n > 60 ? "long" : "" };
}

// Whether what is shown is the current phase's own.
function belongs() {
  const { what } = shows();
  if (what === "board") return board() === phase()?.board;
  return what !== "results" || round()?.phase === phase()?.id;
}

// --- the pictures

// A line of its own takes as much as two dozen letters.
function length(text) {
  const n = (text ?? "").length + 24 * ((text ?? "").split("\n").length - 1);
  return n > 220 ? "longest" : n > 90 ? "long" : "";
}

const heading = () => room.told("h1", room.session.title, { class: "sr" });

const qr = () => h("div", { class: "qr", innerHTML: about.qr });

function way() {
  return h("div", { class: "way" }, [
    qr(),
    h("p", { class: "address", translate: "no" }, about.address),
    h("p", { class: "code", translate: "no" }, code()),
  ]);
}

function steps() {
  const sentence = say("screen.steps", { host: about.address, code: code() });
  const parts = sentence.split(/\s{2,}/).map(part => part.replace(/^\d+\s/, ""));
  return h("ol", { class: "steps" }, parts.map((part, i) => h("li", { key: i }, [h("span", { class: "letter", translate: "no" }, i + 1), h("span", part)])));
}

const pictures = {
  code() {
    const it = phase();
    const words = it?.activity === "welcome" && shows().what === "phase" ? it : null;
    return h("div", { class: "entrance" }, [
      h("div", { class: "words" }, [
        words ? room.told("p", room.session.title, { class: "label" }) : null,
        words && room.text(words.prompt) ? question() : room.told("h1", room.session.title),
        words ? room.told("p", words.settings.text ?? {}, { class: ["text", length(room.text(words.settings.text))] }) : null,
        steps(),
        h("p", { class: "label" }, say("screen.no-app")),
        room.session.filmed ? h("p", { class: "label" }, say("privacy.filmed")) : null,
      ]),
      h("div", { class: "door" }, [qr(), h("p", { class: "address", translate: "no" }, about.address), h("p", { class: "code", translate: "no" }, code())]),
    ]);
  },

  private() {
    const { face_down: n = 0 } = counts() ?? {};
    return h("div", { class: "beside" }, [
      h("div", { class: "center" }, [
        h("p", { class: ["big", unknown()] }, phase().state === "waiting" && !n ? say("phone.wait-begin") : say("screen.private", { n })),
        h("div", { class: "backs", "aria-hidden": "true" }, Array.from({ length: Math.min(n, BACKS) }, (_, i) => h("span", { key: i, class: `tint-${(i % 6) + 1}` }))),
      ]),
      way(),
    ]);
  },

  board() {
    const it = leaves()[page()];
    if (!it) {
      const waits = belongs() && phase()?.state === "waiting";
      const sentence = say(waits ? "phone.wait-begin" : "screen.no-ideas");
      return h("div", { class: "beside" }, [h("div", { class: "center" }, [h("p", { class: "big" }, sentence)]), way()]);
    }
    const votes = phase()?.activity === "vote" && shows().what === "phase";
    return [votes ? h("p", { class: ["text", unknown()] }, voted(room)) : null, h(wall, { room, board: board(), page: it })];
  },

  vote() {
    const isOpen = round()?.state === "open" && phase().state !== "closed";
    const { voted: k = 0, joined: n = 0 } = counts() ?? {};
    return h("div", { class: "beside" }, [
      h("div", { class: "center" }, [
        h("p", { class: ["big", unknown()] }, voted(room)),
        h("svg", { class: "progress", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, [
          h("rect", { width: n ? Math.min(100, (100 * k) / n) : 0, height: 4 }),
        ]),
        h("p", { class: "text" }, say(isOpen ? "screen.voting" : "screen.results-soon")),
      ]),
      way(),
    ]);
  },

  results() {
    if (!round()) return h("p", { class: "big" }, say("phone.results-none"));
    const it = leaves()[page()];
    return h(poll, { room, round: round(), from: it?.from ?? 0 });
  },

  discuss() {
    const { items = [], item = null } = phase().doing ?? {};
    if (!items.length) return h("p", { class: "big" }, say("discuss.none"));
    if (!item) {
      const { from } = leaves()[page()];
      return h("ol", { class: "agenda" }, items.slice(from, from + ITEMS).map((id, i) =>
        h("li", { key: id }, [h("span", { class: "letter", translate: "no" }, from + i + 1), room.titled("span", id)]),
      ));
    }
    const note = room.get("note", `${phase().id}/${item}`);
    const ideas = room.onBoard(phase().board).filter(it => it.cluster === item);
    return h("div", { class: "item" }, [
      h("p", { class: "label" }, say("discuss.item", { i: items.indexOf(item) + 1, n: items.length })),
      room.titled("h2", item),
      h("div", { class: ["columns", { one: !note || !ideas.length }] }, [
        ideas.length
          ? h("ul", [
              ideas.slice(0, 5).map(it => room.wrote("li", it, { key: it.id })),
              ideas.length > 5 ? h("li", { class: "label" }, `+ ${say("card.count", { n: ideas.length - 5 })}`) : null,
            ])
          : null,
        note ? h("section", [h("h3", say("screen.notes")), h("p", { class: ["note", { less: fit(phase().prompt).class }], dir: "auto" }, note.text)]) : null,
      ]),
    ]);
  },

  answers() {
    const it = phase();
    const { n = 0, numbers } = room.get("answers", it.id) ?? {};
    const { from = 0, to = from + TEXTS } = leaves()[page()] ?? {};
    const list = said().slice(from, to);
    if (numbers && it.doing?.shown) return h("div", { class: "answers" }, [bars(h, room, it), h("p", { class: "label" }, say("answer.count", { n }))]);
    if (list.length) {
      const few = list.reduce((sum, one) => sum + one.text.length + 4, 0) <= FEW;
      return h("ul", { class: it.activity === "reflect" ? "texts" : ["words-list", { few }] }, list.map(one =>
        h("li", { key: one.id }, [room.wrote("span", one), one.n > 1 ? h("span", { class: "letter", translate: "no" }, one.n) : null])));
    }
    return h("div", { class: "beside" }, [h("div", { class: "center" }, [h("p", { class: "big" }, say("answer.count", { n }))]), way()]);
  },

  pause() {
    const it = phase();
    const until = it.settings.until ?? (it.ends ? room.clock(it.ends) : null);
    return h("div", { class: "beside" }, [
      h("div", { class: "center" }, [
        h("p", { class: "big" }, until ? say("phase.break", { time: until }) : say("screen.pause")),
        room.told("p", it.settings.sentence ?? {}, { class: "text" }),
      ]),
      way(),
    ]);
  },

  cluster() {
    const it = leaves()[page()];
    return [
      h("h1", { class: "one-cluster" }, room.titled("span", shows().cluster)),
      it ? h(wall, { room, board: room.get("cluster", shows().cluster)?.board, page: it }) : h("p", { class: "big" }, say("screen.no-ideas")),
    ];
  },

  card() {
    const it = room.get("idea", shows().idea);
    if (!it) return h("p", { class: "big" }, say("card.erased"));
    return h("div", { class: "center" }, [
      h("p", { class: "label" }, say("card.number", { number: it.number })),
      room.wrote("h1", it, { class: ["one-card", length(it.text)] }),
    ]);
  },

  working() {
    const { ideas: n = 0 } = counts() ?? {};
    const { size, rotate } = phase().settings.groups;
    const [what, where] = size === 1 ? ["screen.alone"] : ["screen.working", rotate ? "screen.tables" : "screen.groups"];
    return h("div", { class: "beside" }, [
      h("div", { class: "center" }, [
        h("p", { class: "big" }, say(what)),
        where ? h("p", { class: "text" }, say(where)) : null,
        h("p", { class: ["text", unknown()] }, say("screen.working-cards", { n })),
      ]),
      way(),
    ]);
  },

  groups() {
    const { groups = [] } = counts() ?? {};
    const from = leaves()[page()]?.from ?? 0;
    return h("ul", { class: ["group-list", { few: groups.length <= GROUPS / 2 }] }, groups.slice(from, from + GROUPS).map(it =>
      h("li", { key: it.id }, [
        h("strong", groupName(room, it)),
        h("span", `${say("group.people", { n: it.people })}\u00a0`),
        h("span", say("card.count", { n: it.ideas })),
      ]),
    ));
  },

  countdown() {
    const { until } = shows();
    const it = until ? { ms: until - room.now, stopped: false } : left(phase(), room.now);
    return h("div", { class: "center" }, [
      heading(),
      h("p", { class: "counted", role: "timer", "aria-live": "off" }, it ? (it.ms > 0 ? minutes(it.ms) : say("timer.over")) : say("shown.no-clock")),
      it?.stopped ? h("p", { class: "label" }, say("timer.paused")) : null,
    ]);
  },

  closed: () => h("div", { class: "center" }, [heading(), h("p", { class: "big" }, say("screen.closed"))]),

  message: () => h("div", { class: "center" }, [heading(), h("p", { class: ["big", length(shows().text)], dir: "auto" }, shows().text ?? "")]),

  phase: () => h("div", { class: "beside" }, [h("div", { class: "center" }), way()]),

  end: () =>
    h("div", { class: "beside" }, [
      h("div", { class: "center" }, [h("h1", say("screen.end")), h("p", { class: "text" }, say("screen.end-where"))]),
      way(),
    ]),
};

const FULL = ["code", "message", "end", "card", "cluster", "closed", "countdown"]; // with a heading of their own, or none

function lost() {
  const { connection, since, refused } = room.state;
  if (connection === "online") return null;
  const own = { "session.ended": "screen.over", "token.invalid": "screen.gone", "token.revoked": "screen.gone" }[refused];
  if (refused) return h("p", { class: "lost" }, own ? say(own) : room.refusal({ key: refused }));
  if (!room.session || client.now() - since < PATIENCE) return null;
  return h("p", { class: "lost" }, say("screen.lost", { time: room.clock(since) }));
}

const Screen = {
  setup: () => () => {
    room.now;
    if (!room.session) return h("main", { class: "center" }, [h("h1", about.heading), h("p", { class: "text" }, lost() ?? say("screen.connecting"))]);
    const now = picture();
    if (dark.value || now === "black") return h("main", { class: "black" }, [h("p", { class: "sr" }, say("screen.black"))]);
    const n = leaves().length;
    return [
      header(),
      h("main", { "data-stage": phase()?.stage, key: now }, [
        FULL.includes(now) ? null : h("div", { class: "question" }, [question(), clock()]),
        readyCount(),
        h("div", { class: ["picture", `is-${now}`] }, pictures[now]()),
      ]),
      h("footer", [wants() && !sounding.value ? h("p", { class: "label" }, say("screen.sound-click")) : null, lost(), n > 1 ? h("p", { class: "pages" }, say("screen.page", { i: page() + 1, n })) : null]),
    ];
  },
};

Vue.watchEffect(() => {
  if (room.session) document.title = say("screen.title", { title: room.text(room.session.title) });
});

about.heading = document.querySelector("h1").textContent;
Vue.createApp(Screen).mount("#app");
