// The live client: holds the records that the server shows to us, and sends commands, each exactly once.
//
// A frame says which number it follows (`from`). It is applied on top of that number alone; after a gap we ask again
// from ours. What is to be kept waits in the outbox, one stored entry each, so that two tabs never overwrite each
// other; it goes out one by one, in order, and again with the same id until the server has answered.

const ORDER = { idea: "number", phase: "order" };
const ACK = 10000; // ms until an unanswered command is sent again
const SEEN = 1500; // ms in which what was answered with yes should come back as a record
const DIRECT = 8000; // ms in which a command that is not kept must be answered
const COURTESY = 2000; // ms that another tab has to send itself what it kept
const RESUME = 2000; // ms until we ask to resume once more
const JUMP = 2000; // ms by which a clock may differ from itself
const TAB = "facilitate.tab";
const FINAL = ["session.deleted", "session.unknown", "session.ended", "session.full", "token.invalid", "origin.refused", "person.removed"];

// `getToken`: of a desk or screen; it is given the token that it gave before.
// `first`: records that came with the page, held until the first welcome. `tab`: what this tab keeps for itself.
export function connect({ io, code, role, storage = null, tab = null, getToken, onRefused, first = [] }) {
  const prefix = `facilitate.${code}.`;
  const store = {
    get: key => storage?.getItem(prefix + key) ?? null,
    set: (key, value) => storage?.setItem(prefix + key, value),
    remove: key => storage?.removeItem(prefix + key),
    keys: start => (storage?.keys?.() ?? Object.keys(storage ?? {})).filter(key => key.startsWith(prefix + start)),
  };

  let records = {};
  let sorted = {};
  let log = null;
  let seq = 0;
  let had = ""; // what getToken gave last
  let knows = false; // whether `offset` is the server's
  let offset = Date.now() - performance.now(); // server time minus the page's, which nobody sets
  let heard = performance.now();
  let asked = -RESUME; // when we last asked to resume
  let day = Date.now(); // as it was at `beat`
  let beat = performance.now();
  let started = performance.now();
  let again = null;
  let ready = false;
  let state = { connection: "connecting", since: now(), refused: null, cause: null, role, you: null };
  let outbox = [];
  let sending = null;
  let pause = null;
  const direct = new Map();
  // A page that is shown takes its tab's name away and leaves it for the next one: whoever duplicates the tab meanwhile
  // finds none, and gets a name of its own.
  const tabId = tab?.getItem(TAB) ?? newId();
  const take = () => tab?.removeItem(TAB);
  const leave = () => tab?.setItem(TAB, tabId);
  const answers = new Map(); // id -> functions that wait for the answer
  const onChange = new Set();
  const onState = new Set();

  function now() {
    return performance.now() + offset;
  }

  // --- records

  function drop(type, id, changes) {
    const before = records[type]?.[id];
    if (!before) return;
    const { [id]: gone, ...rest } = records[type];
    records = { ...records, [type]: rest };
    changes.push({ type, id, record: null, before: gone });
  }

  function apply(frame, changes = []) {
    for (const [type, id] of frame.drop ?? []) drop(type, id, changes);
    // One copy a type and frame, not one a record: a first welcome may hold thousands.
    const fresh = {};
    for (const record of frame.put ?? []) {
      const { type, id } = record;
      if (!fresh[type]) {
        fresh[type] = { ...records[type] };
        records = { ...records, [type]: fresh[type] };
      }
      changes.push({ type, id, record, before: fresh[type][id] ?? null });
      fresh[type][id] = record;
    }
    if (frame.seq !== undefined) seq = frame.seq;
    outbox = outbox.filter(item => item.status !== "saved" || item.seq > seq);
    sorted = {};
    for (const fn of [...onChange]) fn(changes);
  }

  function forget() {
    const changes = [];
    for (const type of Object.keys(records)) {
      for (const id of Object.keys(records[type])) changes.push({ type, id, record: null, before: records[type][id] });
    }
    records = {};
    return changes;
  }

  function hear(at) {
    heard = performance.now();
    if (typeof at !== "number") return;
    offset = Math.max(knows ? offset : -Infinity, at - heard);
    knows = true;
  }

  function resume() {
    if (performance.now() - asked < RESUME) return;
    asked = performance.now();
    socket.emit("resume", { since: { log, seq } });
  }

  // --- connection

  const socket = io("/live", {
    auth: tell =>
      void hello().then(tell, error => {
        socket.disconnect();
        change({ connection: "offline", refused: error.key ?? null, cause: "server" });
        later(3);
      }),
    reconnectionDelay: 300,
    reconnectionDelayMax: 3000,
  });

  async function hello() {
    const auth = { code };
    if (log !== null) auth.since = { log, seq };
    if (getToken) {
      return { ...auth, token: (had = await getToken(had)) };
    }
    const token = store.get("token");
    if (token) auth.token = token;
    if (isHandedOn()) location.reload();
    if (!/^[\w-]{8,100}$/.test(store.get("join"))) store.set("join", newId());
    const join = store.get("join");
    tab?.setItem(`${prefix}page.join`, join);
    return join ? { ...auth, join } : auth;
  }

  socket.on("welcome", frame => {
    const changes = frame.from === 0 ? forget() : [];
    knows = false;
    hear(frame.now);
    if (frame.from !== 0 && frame.from !== seq) {
      log = null;
      restart();
      return;
    }
    log = frame.log;
    if (frame.you?.token && !getToken) store.set("token", frame.you.token);
    ready = true;
    apply(frame, changes);
    change({ connection: "online", refused: null, cause: null, you: frame.you, role: frame.you?.role ?? role });
    adopt();
    for (const [, item] of direct) emit(item);
    flush();
  });

  socket.on("change", frame => {
    hear();
    if (frame.from !== seq) return resume();
    asked = -RESUME;
    apply(frame);
  });

  socket.on("now", frame => {
    hear(frame.now);
    apply({ put: frame.put });
  });

  // Only who goes says good-bye: a connection that breaks off (1006) says nothing of why.
  socket.on("disconnect", (reason, details) => {
    ready = false;
    stopSending();
    const code = details?.context?.code ?? 1006;
    const server = reason === "io server disconnect" || (reason === "transport close" && code !== 1006);
    change({ connection: "offline", cause: server ? "server" : "network" });
    if (reason === "io server disconnect") later(1);
  });

  socket.on("connect_error", error => {
    if (socket.active) {
      const cause = error.status >= 500 ? "server" : error.foreign ? "foreign" : state.cause;
      change({ cause, ...(state.connection === "connecting" ? {} : { connection: "offline" }) });
      return;
    }
    const key = error.message;
    const final = FINAL.includes(key);
    if (key === "token.invalid") store.remove("token"); // whoever scans the code again begins anew
    change({ connection: "offline", refused: key });
    onRefused?.(key);
    if (!final || getToken) later(error.data?.retry ?? (final ? 10 : 2));
  });

  socket.io.on("ping", () => hear());

  function later(seconds) {
    clearTimeout(again);
    again = setTimeout(() => socket.connect(), seconds * 1000 * (1 + Math.random() / 2));
  }

  function restart() {
    clearTimeout(again);
    started = performance.now();
    ready = false;
    socket.disconnect();
    socket.connect();
  }

  // After a sleep a socket may look open and be dead: timers stood still, and nothing has come since.
  function wake() {
    const slept = tick() > 3000;
    const silent = performance.now() - heard;
    if (performance.now() - started < 1000) return;
    if (!ready || (slept && silent > 3000) || silent > 60000) restart();
  }

  // ms since the last tick. Where the time of day went another way than the page's, it was set, or the page's stood
  // still while the device slept: what comes next is the server's word. What it is ahead by we take for sleep.
  function tick() {
    const passed = performance.now() - beat;
    const jump = Date.now() - day - passed;
    day = Date.now();
    beat = performance.now();
    if (jump > JUMP) offset += jump;
    if (Math.abs(jump) > JUMP) restart();
    return passed;
  }

  const clock = setInterval(tick, 1000);

  function change(fields) {
    const since = fields.connection === state.connection ? state.since : now();
    state = { ...state, ...fields, since };
    tellState();
    // For good: a page that shows what was not sent takes all of it from this device.
    if (state.refused === "session.deleted") location.replace(`/gone/${code}#${had}`);
  }

  function tellState() {
    for (const fn of [...onState]) fn();
  }

  // --- commands

  function send(kind, fields = {}, { id = newId(), keep = false, lane = null } = {}) {
    const promise = new Promise(resolve => answers.set(id, [...(answers.get(id) ?? []), resolve]));
    if (!keep) {
      const item = { command: { ...fields, kind, id }, timer: setTimeout(() => settle(id, silence()), DIRECT) };
      direct.set(id, item);
      if (ready) emit(item);
      return promise;
    }
    for (const item of lane ? outbox.filter(it => it.lane === lane && it !== sending) : []) {
      discard(item.id);
      settle(item.id, { ok: false, error: { key: "replaced", values: {} } });
    }
    const at = Math.max(Date.now(), (outbox[outbox.length - 1]?.at ?? 0) + 1); // in order, also if the clock is set
    const item = { fields: { ...fields, kind }, id, lane, at, status: "waiting", tried: false };
    outbox = [...outbox, item];
    keepItem(item);
    tellState();
    flush();
    return promise;
  }

  function emit({ command }) {
    socket.emit("do", command, answer => settle(command.id, answer));
  }

  function settle(id, answer) {
    clearTimeout(direct.get(id)?.timer);
    direct.delete(id);
    for (const resolve of answers.get(id) ?? []) resolve(answer);
    answers.delete(id);
  }

  function flush() {
    if (!ready || sending || pause) return;
    const item = outbox.find(it => it.status === "waiting");
    if (!item) return;
    const wait = (item.courtesy ?? 0) - performance.now();
    if (wait > 0) {
      pause = setTimeout(goOn, wait);
      return;
    }
    sending = item;
    item.status = "sending";
    item.tried = true;
    keepItem(item);
    const from = heard;
    item.timer = setTimeout(() => {
      stopSending();
      if (heard === from) restart(); // not a word of anything: the connection is dead
      else flush();
    }, ACK);
    tellState();
    socket.emit("do", { ...item.fields, id: item.id }, answer => answered(item, answer));
  }

  function answered(item, answer) {
    hear();
    if (!outbox.includes(item)) return;
    if (sending === item) stopSending();
    if (answer.ok) {
      saved(item, answer.seq);
    } else {
      item.error = answer.error;
      if (answer.error?.retry !== undefined) {
        item.status = "waiting";
        clearTimeout(pause);
        const wait = Math.max(0.2, answer.error.retry) * 1000 * (1 + Math.random() / 5);
        pause = setTimeout(goOn, wait);
        tellState();
        return;
      }
      item.status = "failed";
      item.tried = false; // nothing of it was stored: it may be changed under the same id
      keepItem(item);
    }
    tellState();
    settle(item.id, answer);
    flush();
  }

  function goOn() {
    pause = null;
    flush();
  }

  // It stays in the list until its record has come, so that nothing a person did is gone for a moment.
  function saved(item, at) {
    store.remove(`out.${item.id}`);
    if (!(at > seq)) return remove(item);
    item.status = "saved";
    item.seq = at;
    setTimeout(() => {
      remove(item);
      tellState();
    }, SEEN);
  }

  function stopSending() {
    if (!sending) return;
    clearTimeout(sending.timer);
    if (sending.status === "sending") sending.status = "waiting";
    sending = null;
  }

  // --- the outbox

  function keepItem({ fields, id, lane, at, status, tried, error }) {
    const kept = { fields, id, lane, at, status: status === "failed" ? "failed" : "waiting", tried, error, tab: tabId };
    store.set(`out.${id}`, JSON.stringify(kept));
  }

  function remove(item) {
    outbox = outbox.filter(it => it !== item);
    store.remove(`out.${item.id}`);
  }

  // Commands that this device kept: from before a reload, or from a tab that is gone.
  function adopt() {
    const known = new Set(outbox.map(item => item.id));
    for (const key of store.keys("out.")) {
      try {
        const item = JSON.parse(storage.getItem(key));
        if (!item?.id || known.has(item.id)) continue;
        if (tab && item.tab !== tabId) item.courtesy = performance.now() + COURTESY;
        outbox = [...outbox, item];
      } catch {
        storage.removeItem(key); // not ours
      }
    }
    outbox.sort((a, b) => a.at - b.at);
  }

  // What another tab did with what both hold.
  function overhear({ key, newValue }) {
    // It went on with a draft of ours, and we are still here.
    const name = newValue === null && key && key.startsWith(`${prefix}draft.`) && key.split(`~${tabId}`)[0];
    const text = name && name !== key && tab?.getItem(`${prefix}page.${name.slice(prefix.length)}`);
    if (text) storage.setItem(key, text);
    const item = key && outbox.find(it => key === `${prefix}out.${it.id}`);
    if (!item || item === sending || item.status === "saved" || !(item.courtesy || item.lane)) return;
    if (newValue) {
      const { fields, status, tried, error } = JSON.parse(newValue);
      Object.assign(item, { fields, status, tried, error });
    } else {
      outbox = outbox.filter(it => it !== item);
      settle(item.id, { ok: false, error: { key: "replaced", values: {} } });
    }
    tellState();
  }

  // Drafts: each tab has its own; for a field that is always there it begins once with what another has left.

  const drafts = () => store.keys("draft.").map(name => {
    const cut = name.lastIndexOf("~");
    return { name, key: name.slice(prefix.length + 6, cut), isMine: name.slice(cut + 1) === tabId, text: storage.getItem(name) };
  }).filter(it => it.text);

  function draft(key) {
    const own = tab?.getItem(`${prefix}page.draft.${key}`) ?? null;
    if (own !== null) return own;
    const all = drafts().filter(it => it.key === key && (it.isMine || !key.includes(".")));
    const text = (all.find(it => it.isMine) ?? all[0])?.text ?? "";
    if (text || !key.includes(".")) tab?.setItem(`${prefix}page.draft.${key}`, text);
    return text;
  }

  function write(key, text) {
    const before = draft(key);
    for (const it of drafts()) if (it.key === key && (it.isMine || it.text === before)) storage.removeItem(it.name);
    tab?.setItem(`${prefix}page.draft.${key}`, text);
    if (text) store.set(`draft.${key}~${tabId}`, text);
  }

  // A tab that slept meanwhile comes back with what somebody else has written.
  function isHandedOn() {
    const [now, was] = [store.get("join"), tab?.getItem(`${prefix}page.join`)];
    if (!now || !was || now === was) return false;
    clearTab();
    return true;
  }

  function clearTab() {
    for (const key of (tab?.keys() ?? []).filter(it => it.startsWith(`${prefix}page.`))) tab.removeItem(key);
  }

  function discard(id) {
    const item = outbox.find(it => it.id === id);
    if (!item || item === sending) return false;
    remove(item);
    tellState();
    return true;
  }

  function amend(id, fields) {
    const item = outbox.find(it => it.id === id);
    if (!item || item.tried) return false;
    item.fields = { ...item.fields, ...fields };
    item.status = "waiting";
    delete item.error;
    keepItem(item);
    tellState();
    flush();
    return true;
  }

  isHandedOn();
  for (const name of tab?.keys() ?? []) {
    const [own, key] = name.split(`${prefix}page.draft.`);
    if (!own && key && tab.getItem(name)) store.set(`draft.${key}~${tabId}`, tab.getItem(name));
  }
  adopt();
  take();
  on("storage", overhear);
  on("pageshow", take);
  on("pagehide", leave);
  apply({ put: first });
  socket.connect();

  return {
    get records() {
      return records;
    },
    get state() {
      return state;
    },
    get outbox() {
      return outbox.map(({ fields, id, status, tried, error }) => ({ ...fields, id, status, tried, error }));
    },
    get: (type, id) => records[type]?.[id] ?? null,
    all(type) {
      const by = ORDER[type];
      const list = () => Object.values(records[type] ?? {});
      sorted[type] = sorted[type] ?? (by ? list().sort((a, b) => a[by] - b[by]) : list());
      return sorted[type];
    },
    onChange: fn => subscribed(onChange, fn),
    onState: fn => subscribed(onState, fn),
    do: send,
    // A question: nothing is kept, and nothing is sent again.
    ask: (fields, answer) => socket.emit("ask", fields, answer),
    // A command that was never sent, or was refused, with other fields: false if it may be on its way.
    amend,
    // Away with a command that is not being sent: false if it is.
    discard,
    // [{name, key, isMine, text}]: what tabs of this device have begun and not sent; `name` is where it is kept.
    drafts,
    draft,
    write,
    putAside: (key, text) => store.set(`draft.${key}~${newId()}`, text),
    discardDraft: ({ name }) => storage.setItem(name, ""), // removed, its tab would put it back
    // What this device keeps under a name of the page's choosing; null or "" takes it away.
    // Each tab has its own; a new one begins with what was kept last.
    kept: key => tab?.getItem(`${prefix}page.${key}`) ?? store.get(`page.${key}`),
    keep(key, value) {
      const mine = this.kept(key);
      tab?.setItem(`${prefix}page.${key}`, value ?? "");
      if (value) store.set(`page.${key}`, value);
      else if (store.get(`page.${key}`) === mine) store.remove(`page.${key}`);
    },
    now,
    // Whether that is the server's time.
    get knowsTime() {
      return knows;
    },
    wake,
    // Everything of this session leaves the device, or only this tab; the next person begins anew.
    forget({ device = true } = {}) {
      for (const key of device ? store.keys("") : drafts().filter(it => it.isMine).map(it => it.name)) storage.removeItem(key);
      clearTab();
      outbox = [];
      stopSending();
      log = null;
      seq = 0;
      apply({}, forget());
      restart();
    },
    close() {
      clearInterval(clock);
      globalThis.removeEventListener?.("storage", overhear);
      clearTimeout(again);
      socket.disconnect();
    },
  };
}

export function newId() {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return [...crypto.getRandomValues(new Uint8Array(22))].map(byte => letters[byte & 63]).join("");
}

function on(event, does) {
  globalThis.addEventListener?.(event, does);
}

function subscribed(set, fn) {
  set.add(fn);
  return () => set.delete(fn);
}

function silence() {
  return { ok: false, error: { key: "net.off", values: {} } };
}
