// A participant's page: where we are, one question, one thing to do, and what became of one's own words.

import * as Vue from "./vue.js";

import { covering } from "./back.js";
import brainstorm from "./brainstorm.js";
import { icon } from "./icons.js";
import { connect } from "./live.js";
import Own from "./own.js";
import pause from "./pause.js";
import { left, makeRoom, minutes } from "./room.js";
import { storage } from "./storage.js";
import welcome from "./welcome.js";
import { io } from "./wire.js";

const { h, ref, shallowReactive, shallowRef, watch, nextTick } = Vue;
const makers = { brainstorm, pause, welcome };
// The others come when their phase does, or when the page has nothing else to do. Some browsers keep a failed import
// for good, so that each attempt has an address of its own.
const later = {
  cluster: again => import("./cluster.js" + again),
  discuss: again => import("./discuss.js" + again),
  check_in: again => import("./answers.js" + again),
  reflect: again => import("./answers.js" + again),
  talk: again => import("./talk.js" + again),
  place: again => import("./place.js" + again),
  lookback: again => import("./lookback.js" + again),
  ready: again => import("./ready.js" + again),
  groups: again => import("./groups.js" + again),
  shown: again => import("./shown.js" + again),
  door: again => import("./door.js" + again),
  hands: again => import("./hands.js" + again),
  vote: again => import("./vote.js" + again),
  results: again => import("./results.js" + again),
  unsent: again => import("./unsent.js" + again),
  handover: again => import("./handover.js" + again),
};
const activities = shallowReactive(Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make(Vue)])));
const own = Own(Vue);

const DEAD = 400; // ms after a change of phase in which nothing is tapped by mistake
const PATIENCE = 3000; // ms without network until we speak of it

const about = JSON.parse(document.getElementById("about").textContent);
const kept = storage(window);
const tab = storage(window, "sessionStorage");
const client = connect({ io, code: about.code, role: "participant", storage: kept, tab, first: about.records });
const room = makeRoom(Vue, { client, about, announce });
const { say } = room;

const IDLE = 2000; // ms after the start in which the network is for what is needed now
const AGAIN = 2000; // ms until a part that could not be loaded is asked for again

const loading = new Set();

async function load(name, attempt = 0) {
  if (!later[name] || (loading.has(name) && !attempt)) return;
  loading.add(name);
  try {
    const [made] = await Promise.all([later[name](attempt ? `?${attempt}` : ""), learn()]);
    activities[name] = made.default(Vue);
  } catch {
    setTimeout(() => load(name, attempt + 1), AGAIN);
  }
}

// The page begins with the words that it needs at once; those of what comes later come with the first of it.
const learnt = {};

async function wordsOf(code) {
  learnt[code] = learnt[code] ?? (await (await fetch(about.files[code])).json());
  return learnt[code];
}

async function learn() {
  const code = room.lang;
  const entries = await wordsOf(code);
  if (room.lang === code) room.speak(code, entries);
}

// Of what this workshop has: what belongs to no activity comes when it is asked for.
setTimeout(() => Object.keys(later).filter(name => room.all("phase").some(it => it.activity === (name === "results" ? "vote" : name))).forEach(name => load(name)), IDLE);

// --- saying it aloud: repeats within three seconds are merged

let last = {};
function announce(sentence) {
  if (!sentence || (sentence === last.sentence && performance.now() - last.at < 3000)) return;
  last = { sentence, at: performance.now() };
  const region = document.getElementById("said");
  region.textContent = region.textContent === sentence ? `${sentence}\u00a0` : sentence;
}

// --- the phase on this page: that of the room, unless a half-written card holds it back

const at = shallowRef(null);
const changed = ref(-DEAD); // when the phase changed on this page
let begun = false;
const view = ref("now"); // now, results, handover
const late = ref("");

const current = () => (room.session?.state === "ended" ? "end" : room.session?.phase ?? null);
const isHeld = () => Boolean(begun && room.session && at.value !== current());

function follow(next = current()) {
  const first = !begun;
  begun = true;
  if (at.value === next) return;
  at.value = next;
  if (!first) changed.value = performance.now();
  client.keep("at", next);
  if (!first) {
    late.value = "";
    view.value = "now";
  }
  nextTick(() => {
    if (isWriting()) {
      announce(say("phase.now", { prompt: heading() }));
    } else if (!first) {
      document.querySelector("h1")?.focus();
      scrollTo(0, 0);
    }
  });
}

const isWriting = () => Boolean(document.activeElement?.matches("textarea, input:not([type])") && document.activeElement.value);

// The desk calls everybody: whoever looks elsewhere comes back; whoever writes finishes first.
watch(() => (room.session?.phases ? room.session.called : NaN), (called, before) => {
  if (!begun || !(called > before)) return;
  if (!room.isHalfWritten(at.value)) leave();
  announce(say("phone.called"));
});

function leave() {
  view.value = "now";
  follow();
  nextTick(() => isWriting() || document.querySelector("h1")?.focus());
}

covering(Vue, () => view.value !== "now", leave);
addEventListener("keydown", ({ key, isComposing }) => {
  if (key !== "Escape" || isComposing) return;
  if (menu.value) menu.value = false;
  else if (view.value !== "now") leave();
});

function stay() {
  document.querySelector("textarea")?.focus();
}

watch([current, () => Boolean(room.session)], ([next]) => {
  if (!room.session) return;
  const before = client.kept("at");
  if (!begun && before && before !== next && room.isHalfWritten(before)) {
    at.value = before;
    begun = true;
  } else if (begun && at.value && room.isHalfWritten(at.value)) {
    if (isHeld()) announce(movedOn());
  } else {
    follow(next);
  }
}, { immediate: true });

function movedOn() {
  const phase = room.get("phase", current());
  return say("phase.moved-on", { activity: phase ? room.activity(phase) : say("phone.ended") });
}

addEventListener(
  "click",
  event => {
    if (performance.now() - changed.value > DEAD || event.target.closest("header")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

// --- joining: once, and kept until the server has it

const joined = ref(Boolean(client.kept("joined")));
const turnedAway = ref("");

function join(fields) {
  turnedAway.value = "";
  if (client.outbox.some(it => it.kind === "Join" && it.status !== "failed")) return;
  for (const it of client.outbox) if (it.kind === "Join") client.discard(it.id);
  const phase = room.phase();
  if (phase && phase.order > 1 && !client.kept("joined")) {
    late.value = say("join.late", { i: phase.order, n: room.session.phases, activity: room.activity(phase) });
    announce(late.value);
  }
  client.do("Join", fields, { keep: true }).then(({ ok, error }) => {
    if (ok) client.keep("joined", "1");
    if (ok) joined.value = true;
    else if (error.key !== "session.ended") announce((turnedAway.value = room.refusal(error)));
  });
}

watch(
  () => room.session?.names === "none" && room.state.connection === "online" && !joined.value && room.session.door !== "closed",
  asks => asks && room.session.state !== "ended" && join({}),
);

const asksName = () => room.session && room.session.names !== "none" && room.session.state !== "ended" && !joined.value && !(isOutside() && room.session.door === "closed");

// Outside nothing of the workshop is told, not even how many steps it has.
const isOutside = () => room.session?.phases === 0;
const told = ref(Boolean(client.kept("about")));
const asksAbout = () => room.session.attributes && joined.value && !told.value && room.session.state !== "ended";
const handsUp = () => room.session?.hands || room.phase()?.settings?.hands;

// --- what is said of the network

const network = ref("");
let quiet = null;
watch(
  [() => room.state.connection, () => room.state.cause, () => room.state.refused],
  ([connection, cause, refused], [before]) => {
    clearTimeout(quiet);
    if (refused) return void (network.value = room.refusal({ key: refused, values: { s: 5, n: "" } }));
    if (connection !== "online") {
      const wait = network.value ? 0 : PATIENCE;
      quiet = setTimeout(() => announce((network.value = offline(cause))), wait);
    } else if (network.value && before !== "online") {
      settle();
    }
  },
);

function offline(cause) {
  const lost = { server: say("net.server"), foreign: say("net.foreign") }[cause] ?? say("net.lost");
  const sentence = navigator.onLine ? lost : say("net.off");
  return kept.lasts() ? sentence : `${sentence} ${say("net.unkept")}`;
}

function settle() {
  if (room.outbox.some(it => it.status === "waiting" || it.status === "sending")) return void (quiet = setTimeout(settle, 300));
  announce((network.value = say("net.back")));
  quiet = setTimeout(() => (network.value = ""), 4000);
}

for (const event of ["pageshow", "focus", "online"]) addEventListener(event, client.wake);
addEventListener("storage", ({ key, newValue }) => {
  if (key !== `facilitate.${about.code}.token` || newValue !== null) return;
  room.forget({ device: false }); // handed on in another tab
  joined.value = told.value = false;
  view.value = "now";
});
document.addEventListener("visibilitychange", () => document.hidden || client.wake());

// --- what is said of the time, of reveals, and of one's own cards

const clockHidden = ref(Boolean(kept.getItem("facilitate.clock-hidden")));
const time = () => (client.knowsTime ? left(room.get("phase", at.value), room.now) : null);

watch(
  [at, () => Math.ceil((time()?.ms ?? Infinity) / 1000), () => time()?.stopped],
  ([phase, seconds, stopped], [before, earlier, was]) => {
    if (phase !== before || clockHidden.value) return;
    if (stopped && !was) announce(say("timer.paused"));
    else if (seconds > earlier + 30 && earlier > -3600 && isFinite(seconds)) announce(say("timer.more", { n: Math.round((seconds - earlier) / 60) }));
    else if (earlier > 60 && seconds <= 60 && seconds > 55) announce(say("timer.minute"));
    else if (earlier > 0 && seconds <= 0) {
      if (!isClosing()) announce(timeUp(room.get("phase", phase)));
    }
  },
);

function timeUp({ id, activity, settings }) {
  if (!settings.closes) return say("timer.up");
  return activity === "vote" ? say("vote.pending") : say("phase.closed", { n: room.own(id).length });
}

// The last seconds, for whoever has something unfinished here.
function isClosing() {
  const phase = room.get("phase", at.value);
  return client.knowsTime && room.closing(phase) > 0 && (room.isHalfWritten(phase.id) || room.rounds(phase.id).some(it => it.state === "open"));
}

// Said once, when it appears; the seconds go on in silence.
function closing() {
  const sentence = say("timer.closing", { n: Math.ceil(room.closing(room.get("phase", at.value)) / 1000) });
  return h("div", { class: "bar", key: "closing" }, [
    h("p", { "aria-hidden": "true" }, sentence),
    h(Once, { sentence }),
  ]);
}

const Once = {
  props: ["sentence"],
  setup({ sentence }) {
    return () => h("p", { class: "sr", role: "alert" }, sentence);
  },
};

client.onChange(changes => {
  for (const { type, id, record, before } of changes) {
    if (type === "muted" && !record !== !before) announce(say(record ? `person.${record.level}` : "person.unmuted"));
    if (type === "hand" && !record && id !== room.lowered) announce(say("hands.over"));
    if (!record || !before) continue;
    if (type === "board" && record.revealed && !before.revealed) announce(say("reveal.done"));
    if (type === "board" && record.locked && !before.locked) announce(say("board.locked"));
    if (type === "own" && record.state !== before.state && record.state === "hidden") {
      announce(say("idea.hidden", { reason: record.reason ?? "" }));
    }
    if (type === "own" && record.state !== before.state && record.state === "returned") announce(say("idea.returned", { reason: record.reason }));
    if (type === "own" && record.state !== before.state && record.state === "rejected") announce(say("idea.not-taken", { reason: record.reason }));
    if (type === "own" && record.state === "open" && ["late", "hidden", "waiting"].includes(before.state)) announce(say("idea.on-board"));
    if (type === "round" && record.state === "closed" && before.state === "open") announce(say("vote.pending"));
    if (type === "session" && record.state === "running" && before.state === "ended") announce(say("end.reopened"));
  }
});

// --- language

async function speak(code) {
  try {
    const entries = await wordsOf(code);
    room.speak(code, entries);
    document.documentElement.lang = code;
    kept.setItem("facilitate.language", code);
  } catch {
    announce(say("net.off"));
  }
}

const wish = kept.getItem("facilitate.language");
if (wish && wish !== about.lang && about.files[wish] && !new URLSearchParams(location.search).has("lang")) speak(wish);

// --- drawing

const heading = () => document.querySelector("h1")?.textContent ?? "";

function clock() {
  const it = time();
  if (!it || clockHidden.value) return null;
  const n = Math.round(it.ms / 60000);
  const short = it.ms > 120000 ? say("timer.short", { n }) : it.ms > 0 ? minutes(it.ms) : say("timer.over");
  return h("span", { role: "timer", class: "clock", "aria-live": "off" }, it.stopped ? `${short} · ${say("timer.paused")}` : short);
}

const menu = ref(false);

function header(phase) {
  const { session } = room;
  return h("header", { class: "top" }, [
    h("div", { class: "where" }, [
      phase?.stage ? h("span", { class: ["stage", phase.stage] }, [icon(h, phase.stage), h("span", say(`stage.${phase.stage}`))]) : null,
      phase ? h("span", say("phone.step", { i: phase.order, n: session.phases })) : null,
      clock(),
    ]),
    h(
      "button",
      { type: "button", class: "quiet", "aria-expanded": String(menu.value), onClick: () => (menu.value = !menu.value) },
      [icon(h, "menu"), h("span", say("phone.menu"))],
    ),
    menu.value ? menuPanel() : null,
  ]);
}

function menuPanel() {
  const { session = {} } = room;
  const item = (label, does, more) => h("li", h("button", { type: "button", class: "quiet", onClick: does, ...more }, label));
  const go = to => () => {
    view.value = to;
    menu.value = false;
    nextTick(() => document.querySelector("h1")?.focus());
  };
  const clockTo = () => {
    clockHidden.value = !clockHidden.value;
    if (clockHidden.value) kept.setItem("facilitate.clock-hidden", "1");
    else kept.removeItem("facilitate.clock-hidden");
  };
  return h("nav", { class: "menu", "aria-label": say("phone.menu") }, [
    h("ul", [
      Object.entries(about.languages).map(([code, label]) =>
        item([h("span", { lang: code }, label), code === room.lang ? icon(h, "check") : null], () => speak(code), {
          "aria-pressed": String(code === room.lang),
        }),
      ),
      item(say(clockHidden.value ? "phone.clock-show-do" : "timer.hide"), clockTo),
      item(say("phone.results-do"), go("results")),
      item(say("shown.title"), go("shown")),
      room.phase()?.settings?.look_back ? item(say("look-back.do"), go("lookback")) : null,
      isOutside()
        ? null
        : [
            handsUp() ? item(say("hands.title"), go("hands")) : null,
            item(say("people.table-title"), go("table")),
            session.attributes ? item(say("people.about-title"), go("about")) : null,
          ],
      item(say("privacy.handover"), go("handover")),
    ]),
  ]);
}

const more = ref(false);

function privacy() {
  const { session } = room;
  const date = room.date(session.delete_at);
  const link = (url, label) => (url ? h("a", { href: url, rel: "noreferrer" }, label) : null);
  return h("div", { class: "privacy" }, [
    h("p", [
      say({ none: "privacy.none", optional: "privacy.optional", shown: "privacy.named" }[session.names], { date }),
      session.names === "none" ? "" : say("harvest.deleted-on", { date }),
      session.attributes ? say(session.names === "shown" ? "privacy.attributes-named" : "privacy.attributes-totals") : "",
      session.filmed ? say("privacy.filmed") : "",
    ].filter(Boolean).join(" ")),
    h(
      "button",
      { type: "button", class: "quiet", "aria-expanded": String(more.value), onClick: () => (more.value = !more.value) },
      say(more.value ? "privacy.less-do" : "privacy.more-do"),
    ),
    more.value
      ? [
          session.names === "none" ? h("p", say("privacy.none-more")) : null,
          session.operator ? h("p", say("join.operator", { operator: session.operator })) : null,
          h("p", { class: "row" }, [link(session.imprint, say("privacy.imprint")), link(session.privacy, say("privacy.policy"))]),
        ]
      : null,
  ]);
}

const h1 = (content, attributes) => h("h1", { tabindex: -1, ...attributes }, content);

// This device is another person's from here on.
function give() {
  room.forget();
  joined.value = told.value = false;
  view.value = "now";
}

const back = () => h("button", { type: "button", class: "wide", onClick: () => (view.value = "now") }, say("phone.back-do"));

function results() {
  return room.all("round").filter(it => it.state === "shown").map(round => {
    const phase = room.get("phase", round.phase);
    return h("section", { key: round.id }, [room.told("h2", phase?.prompt ?? phase?.title), part("results", { round })]);
  });
}

function resultsPage() {
  const found = results();
  return [h1(say("phone.results")), found.length ? found : h("p", { class: "hint" }, say("phone.results-none")), back()];
}

function ending() {
  if (isOutside() && room.state.you) return [h1(say("phone.ended"))];
  return [
    h1(say("end.thanks")),
    h("p", { class: "lead" }, say("end.keep", { date: room.date(room.session.delete_at) })),
    results(),
    h(own, { room, fixed: true }),
  ];
}

const connecting = () => [h1(about.heading), h("p", { class: "hint" }, say("phone.connecting"))];

function waiting() {
  return [h1(say("join.in")), room.told("p", room.session.title, { class: "lead" }), h("p", { class: "touch hint" }, say("join.rest"))];
}

// What the page does not bring along: null until it is there.
function part(name, props) {
  if (!activities[name]) load(name);
  return activities[name] ? h(activities[name], { room, ...props }) : null;
}

room.part = part;

// The same as a page of its own.
const awaited = (name, props) => part(name, props) ?? connecting();

function tell() {
  told.value = true;
  leave();
}

function lookBack() {
  return awaited("lookback", { results, leave });
}

function doing(phase) {
  const activity = activities[phase.activity];
  if (!activity) load(phase.activity);
  const [lang] = Object.entries(phase.prompt ?? {}).find(([code, text]) => text && room.text(phase.prompt) === text) ?? [];
  const foreign = lang && lang.split("-")[0] !== room.lang.split("-")[0];
  const inGroups = phase.settings?.groups && !phase.settings.groups.back;
  const frame = room.text(phase.frame);
  return [
    late.value ? h("p", { class: "done" }, late.value) : null,
    room.told("h1", room.text(phase.prompt) ? phase.prompt : phase.title, { tabindex: -1, key: phase.id, "aria-describedby": frame ? "frame" : null }),
    foreign && about.languages[lang] ? h("p", { class: "hint" }, say("lang.only", { language: about.languages[lang] })) : null,
    frame ? room.told("p", phase.frame, { class: "lead", id: "frame" }) : null,
    room.all("muted").length ? h("p", { class: "done alert" }, say("person.muted")) : null,
    phase.state === "waiting" ? h("p", { class: "lead" }, say("phone.wait-begin")) : null,
    inGroups ? part("groups", { phase, shows: "place", key: `groups/${phase.id}` }) : null,
    activity ? h(activity, { room, phase, key: phase.id }) : h("p", say(later[phase.activity] ? "phone.connecting" : "phase.listen")),
    inGroups ? part("groups", { phase, shows: "choice", key: `choice/${phase.id}` }) : null,
    phase.settings?.ready && phase.state !== "ended" ? part("ready", { phase, key: `ready/${phase.id}` }) : null,
  ];
}

function body(phase) {
  if (!room.session) return connecting();
  if (room.all("muted").some(it => it.level === "removed")) return [h1(say("person.removed"))];
  if (view.value === "results") return resultsPage();
  if (view.value === "lookback") return lookBack();
  if (view.value === "shown") return awaited("shown", { leave });
  if (view.value === "handover") return awaited("handover", { give, leave: () => (view.value = "now"), key: "handover" });
  if (asksName()) return [awaited("door", { what: "name", done: join, wrong: turnedAway.value, key: "name" }), privacy()];
  if (isOutside() && room.session.state !== "ended") return room.state.you ? awaited("door", { what: "waiting" }) : connecting();
  if (asksAbout()) return awaited("door", { what: "about", done: tell, key: "about" });
  if (view.value === "about") return awaited("door", { what: "about", done: leave, again: true, key: "about-again" });
  if (view.value === "table") return awaited("door", { what: "table", done: leave, key: "table" });
  if (view.value === "hands") return awaited("hands", { done: leave, key: "hands" });
  if (phase) return doing(phase);
  if (at.value === "end") return ending();
  return at.value ? connecting() : waiting();
}

const Phone = {
  setup: () => () => {
    const phase = room.get("phase", at.value);
    return [
      header(phase),
      network.value ? h("p", { class: "bar" }, network.value) : null,
      isClosing() ? closing() : null,
      isHeld()
        ? h("div", { class: "bar" }, [
            h("p", movedOn()),
            h("div", { class: "row" }, [
              room.isHalfWritten(at.value) ? h("button", { type: "button", onClick: stay }, say("phase.finish")) : null,
              h("button", { type: "button", onClick: () => follow() }, say("phase.follow")),
            ]),
          ])
        : null,
      h("main", { "data-stage": phase?.stage }, [
        room.all("hand").length && view.value !== "hands" ? part("hands", { bar: true, key: "hands-up" }) : null,
        body(phase),
        view.value === "now" && room.unsent(at.value) ? part("unsent", { at: at.value, go: follow, key: "unsent" }) : null,
        turnedAway.value && !asksName() ? h("p", { class: "alert" }, turnedAway.value) : null,
        room.session && !asksName() && view.value === "now" ? privacy() : null,
      ]),
    ];
  },
};

Vue.watchEffect(() => {
  const { session } = room;
  if (!session) return;
  const phase = room.get("phase", at.value);
  const title = room.text(session.title);
  document.title = phase ? say("phone.title", { activity: room.activity(phase), title }) : title;
});

about.heading = heading();
Vue.createApp(Phone).mount("#app");
