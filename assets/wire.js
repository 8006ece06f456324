// A small Socket.IO client (protocol 5 over Engine.IO 4): one namespace, text only, WebSocket first and then polling.
//
// The stock client weighs a sixth of all that a phone may load; this has the part of its interface that live.js uses,
// with the same events and reasons, so either will do.

const SEPARATOR = "\x1e";
const OPENING = 5000; // ms that a transport has to open

export function io(namespace, { reconnectionDelay, reconnectionDelayMax, auth }) {
  const listeners = {};
  const acks = new Map();
  let link = null;
  let attempts = 0;
  let next = 0;
  let again = null;
  let watchdog = null;

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
      open([websocket, polling]);
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
    const lost = () => {
      if (link !== mine) return;
      if (mine.isOpen) return end("transport close");
      clearTimeout(watchdog);
      mine.close?.();
      link = null;
      if (others.length) return open(others);
      tell("connect_error", new Error("transport error"));
      retry();
    };
    link = mine;
    watchdog = setTimeout(lost, OPENING);
    const url = `${location.origin}/socket.io/?EIO=4&t=${Date.now().toString(36)}`;
    try {
      Object.assign(mine, transport(url, packet => link === mine && hear(packet), lost));
    } catch {
      lost();
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
      return end("transport close");
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
      open([websocket, polling]);
    }, delay);
  }

  addEventListener("offline", () => link && end("transport close", { description: "network connection lost" }));
  return socket;
}

// A transport: `hear` gets each packet, `lost` is called once it is gone.

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
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  }

  async function poll() {
    while (!stop.signal.aborted) {
      for (const packet of (await ask()).split(SEPARATOR)) {
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
      await ask({ method: "POST", body, headers: { "Content-Type": "text/plain;charset=UTF-8" } });
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
