// A small Socket.IO client (protocol 5 over Engine.IO 4): one namespace, text only, WebSocket first and then polling.
//
// The stock client weighs a sixth of all that a phone may load; this has the part of its interface that live.js uses,
// with the same events and reasons, so either will do.

const SEPARATOR = "\x1e";
const OPENING = 5000; // ms that a transport has to open
const HANGING = 3000; // ms that a WebSocket has, as long as there is another way
const PROBE = 10000; // ms after which a phone that went another way looks whether it must

export function io(namespace, { reconnectionDelay, reconnectionDelayMax, auth }) {
  const listeners = {};
  const acks = new Map();
  let link = null;
  let attempts = 0;
  let next = 0;
  let again = null;
  let watchdog = null;
  let ways = [websocket, polling];

  const tell = (event, ...args) => (listeners[event] ?? []).forEach(fn => fn(...args));
  const on = (event, fn) => (listeners[event] = [...(listeners[event] ?? []), fn]);

  const socket = {
    connected: false,
    active: false,
    on,
    io: { on },
    emit(event, ...args) {
      if (!socket.connected) return;
      const ack = typeof args[args.length - 1] === "function" ? args.pop() : null;
      if (ack) acks.set(++next, ack);
      link.send(`42${namespace},${ack ? next : ""}${JSON.stringify([event, ...args])}`);
    },
    connect() {
      if (socket.active && (link || again)) return;
      socket.active = true;
      open(ways);
    },
    disconnect() {
      socket.active = false;
      clearTimeout(again);
      again = null;
      end("io client disconnect");
    },
  };

  function open([transport, ...others]) {
    const mine = {};
    const lost = (cause = {}) => {
      if (link !== mine) return;
      if (mine.isOpen) return end("transport close", { context: cause });
      clearTimeout(watchdog);
      mine.close?.();
      link = null;
      if (others.length) return open(others);
      tell("connect_error", Object.assign(new Error("transport error"), { status: cause.status, foreign: cause.foreign }));
      retry();
    };
    link = mine;
    watchdog = setTimeout(lost, transport === websocket && others.length ? HANGING : OPENING);
    try {
      Object.assign(mine, transport(address(), packet => link === mine && hear(packet), lost));
    } catch {
      lost();
    }
    if (transport === polling && ways[0] === websocket) setTimeout(probe, PROBE * (1 + Math.random()), mine);
  }

  // Whoever polls by bad luck goes back to a WebSocket; whoever must does not try one first each time.
  function probe(mine) {
    if (link !== mine) return;
    let it = null;
    const done = works => {
      clearTimeout(patience);
      it?.close();
      if (link !== mine) return;
      if (works) end("transport close", {});
      else ways = [polling, websocket];
    };
    const patience = setTimeout(done, OPENING, false);
    try {
      it = websocket(address(), () => done(true), () => done(false));
    } catch {
      done(false);
    }
  }

  function hear(packet) {
    const type = packet[0];
    if (type === "0") {
      const { pingInterval, pingTimeout } = JSON.parse(packet.slice(1));
      link.isOpen = true;
      link.patience = pingInterval + pingTimeout;
      const mine = link;
      auth(fields => link === mine && mine.send(`40${namespace},${JSON.stringify(fields)}`));
    } else if (type === "2") {
      link.send("3");
      tell("ping");
    } else if (type === "4") {
      return read(packet.slice(1));
    } else if (type === "1") {
      return end("transport close", { context: { code: 1001 } });
    }
    watch();
  }

  function watch() {
    clearTimeout(watchdog);
    if (link) watchdog = setTimeout(() => end("ping timeout"), link.patience);
  }

  function read(message) {
    const [, type, id, body] = /^(\d)(?:\/[^,]*,)?(\d*)(.*)$/.exec(message);
    const content = body ? JSON.parse(body) : null;
    if (type === "0") {
      socket.connected = true;
      attempts = 0;
    } else if (type === "1") {
      socket.active = false;
      end("io server disconnect");
    } else if (type === "2") {
      tell(...content);
    } else if (type === "3") {
      const ack = acks.get(Number(id));
      acks.delete(Number(id));
      ack?.(...content);
    } else if (type === "4") {
      socket.active = false;
      end("refused");
      tell("connect_error", Object.assign(new Error(content.message), { data: content.data }));
    }
  }

  function end(reason, details) {
    const was = socket.connected;
    clearTimeout(watchdog);
    const mine = link;
    link = null;
    socket.connected = false;
    acks.clear();
    mine?.close?.();
    if (was) tell("disconnect", reason, details);
    retry();
  }

  function retry() {
    if (!socket.active || again) return;
    const delay = Math.min(reconnectionDelayMax, reconnectionDelay * 2 ** attempts++) * (0.5 + Math.random());
    again = setTimeout(() => {
      again = null;
      open(ways);
    }, delay);
  }

  addEventListener("offline", () => link && end("transport close", { description: "network connection lost" }));
  addEventListener("online", () => (ways = [websocket, polling])); // it may be another network
  return socket;
}

const address = () => `${location.origin}/socket.io/?EIO=4&t=${Date.now().toString(36)}`;

// A transport: `hear` gets each packet, `lost` is called once it is gone, with a close event or an error: `status` of
// an answer that is none, `foreign` where somebody else has answered.

function websocket(url, hear, lost) {
  const socket = new WebSocket(`${url.replace("http", "ws")}&transport=websocket`);
  socket.onmessage = event => hear(event.data);
  socket.onclose = lost;
  return {
    send: packet => socket.readyState === 1 && socket.send(packet),
    close() {
      socket.onclose = null;
      socket.close();
    },
  };
}

function polling(url, hear, lost) {
  const stop = new AbortController();
  let sid = "";
  let waiting = [];
  let posting = false;

  async function ask(options) {
    const answer = await fetch(`${url}&transport=polling${sid}`, { cache: "no-store", signal: stop.signal, ...options });
    if (!answer.ok) throw Object.assign(new Error("no answer"), { status: answer.status });
    return answer.text();
  }

  // A Wi-Fi's own page comes with the best of statuses.
  function expect(isOurs) {
    if (!isOurs) throw Object.assign(new Error("not ours"), { foreign: true });
  }

  async function poll() {
    while (!stop.signal.aborted) {
      for (const packet of (await ask()).split(SEPARATOR)) {
        expect(sid ? /^[1-6]/.test(packet) : /^0\{/.test(packet));
        if (packet[0] === "0") sid = `&sid=${encodeURIComponent(JSON.parse(packet.slice(1)).sid)}`;
        hear(packet);
      }
    }
  }

  async function post() {
    if (posting) return;
    posting = true;
    while (waiting.length) {
      const body = waiting.join(SEPARATOR);
      waiting = [];
      const answer = await ask({ method: "POST", body, headers: { "Content-Type": "text/plain;charset=UTF-8" } });
      expect(/^ok$/i.test(answer));
    }
    posting = false;
  }

  poll().catch(lost);
  return {
    send(packet) {
      waiting.push(packet);
      post().catch(lost);
    },
    close: () => stop.abort(),
  };
}
