// A bare relay: whatever comes is answered at once and shown to all at the next tick. Nothing is stored or checked.

import { createServer } from "node:http";
import { Server } from "socket.io";

const [port, tick] = process.argv.slice(2).map(Number);
const server = createServer();
const live = new Server(server, { perMessageDeflate: false, maxHttpBufferSize: 1e6 }).of("/live");
let seq = 0;
let shown = 0;
let waiting = [];

live.on("connection", socket => {
  socket.emit("welcome", { you: { id: socket.id, role: "participant" }, now: Date.now(), log: "relay", from: 0, seq: shown, put: [], drop: [] });
  socket.on("do", ({ id, text }, answer) => {
    seq += 1;
    waiting.push({ type: "idea", id, board: "options", text, lang: "en", number: seq, source: "phone", state: "open" });
    answer({ ok: true, seq });
  });
});

setInterval(() => {
  if (!waiting.length) return;
  live.emit("change", { from: shown, seq, put: waiting, drop: [] });
  shown = seq;
  waiting = [];
}, tick);

server.listen(port, "127.0.0.1", () => console.log("ready"));
