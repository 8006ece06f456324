"""The browser's live client against a made-up server: order, gaps, and each kept command exactly once."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from facilitate.live.folders import assets_folder

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed; the browser tests cover the same ground")

# A server in the page: what it is sent is noted, and a test says when it answers.
STAGE = """
import { connect } from "./live.mjs";

export class Storage {
  constructor() { this.map = new Map(); }
  getItem(key) { return this.map.get(key) ?? null; }
  setItem(key, value) { this.map.set(key, String(value)); }
  removeItem(key) { this.map.delete(key); }
  keys() { return [...this.map.keys()]; }
}

export class Server {
  constructor() { this.sent = []; this.resumes = []; this.hellos = []; this.sockets = []; this.opened = 0; }
  io() {
    return (namespace, options) => {
      const on = {};
      const server = this;
      const socket = {
        connected: false, active: false, io: { on() {} },
        on: (event, fn) => (on[event] = fn),
        tell: (event, ...args) => on[event]?.(...args),
        emit(event, ...args) {
          if (event === "do") server.sent.push({ command: args[0], answer: args[1] });
          else if (event === "resume") server.resumes.push(args[0]);
        },
        connect() { server.opened += 1; socket.active = true; options.auth(auth => server.hellos.push(auth)); },
        disconnect() {
          const was = socket.connected;
          socket.connected = socket.active = false;
          if (was) on.disconnect?.("io client disconnect");
        },
        drop(reason = "transport close") { socket.connected = false; on.disconnect?.(reason); },
        welcome(frame = {}) {
          socket.connected = true;
          const you = { id: "p1", role: "participant", token: "t1" };
          on.welcome?.({ you, now: 1000, log: "L", from: 0, seq: 1, put: [], drop: [], ...frame });
        },
      };
      this.sockets.push(socket);
      this.socket = socket;
      return socket;
    };
  }
  get unanswered() { return this.sent.filter(it => !it.done); }
  answer(answer = { ok: true, seq: 1 }) { const it = this.unanswered[0]; it.done = true; it.answer(answer); }
  kinds() { return this.sent.map(it => it.command.kind + ":" + (it.command.text ?? it.command.rev ?? "")); }
}

const who = { code: "K7MPQ2", role: "participant" };
export const phone = (server, storage, more = {}) => connect({ io: server.io(), storage, ...who, ...more });
const soon = setTimeout;
export const later = ms => new Promise(resolve => soon(resolve, ms ?? 5));

// Time stands still from now on, and passes by as much as the function is told that this returns.
export function stopped() {
  let at = Date.now();
  const due = new Set();
  const wait = (fn, ms, every) => { const it = { fn, every, at: at + (ms ?? 0) }; due.add(it); return it; };
  globalThis.setTimeout = (fn, ms) => wait(fn, ms);
  globalThis.setInterval = (fn, ms) => wait(fn, ms, ms);
  globalThis.clearTimeout = globalThis.clearInterval = it => due.delete(it);
  Date.now = performance.now = () => at;
  return async ms => {
    const end = at + ms;
    for (;;) {
      const [next] = [...due].filter(it => it.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      at = next.at;
      if (next.every) next.at += next.every;
      else due.delete(next);
      next.fn();
      await later(0);
    }
    at = end;
  };
}
export const say = value => { console.log(JSON.stringify(value)); process.exit(0); };
"""

IMPORTS = 'import { Storage, Server, phone, later, stopped, say } from "./stage.mjs";\n'


@pytest.fixture
def play(tmp_path: Path) -> Any:
    """Run a script on the stage; what it says comes back."""

    def run(script: str) -> Any:
        for name in ("live", "storage"):
            shutil.copy(assets_folder() / f"{name}.js", tmp_path / f"{name}.mjs")
        (tmp_path / "stage.mjs").write_text(STAGE, "utf-8")
        (tmp_path / "play.mjs").write_text(IMPORTS + script, "utf-8")
        done = subprocess.run([str(NODE), "play.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    return run


def test_frames_are_applied_in_order_and_a_gap_is_asked_for(play: Any) -> None:
    """Drop first, then put; a frame on another number changes nothing and asks again from ours, once."""
    said = play("""
      const server = new Server(), client = phone(server, new Storage());
      await later();
      const put = [{ type: "idea", id: "a", number: 2 }, { type: "idea", id: "b", number: 1 }];
      server.socket.welcome({ seq: 5, put });
      const order = client.all("idea").map(it => it.id);
      const heard = [];
      const seen = it => [it.type, it.id, it.record?.number ?? null, it.before?.number ?? null];
      client.onChange(changes => heard.push(changes.map(seen)));
      const c = { type: "idea", id: "c", number: 3 };
      server.socket.tell("change", { from: 5, seq: 6, drop: [["idea", "a"]], put: [c] });
      server.socket.tell("change", { from: 8, seq: 9, drop: [], put: [{ type: "idea", id: "x", number: 9 }] });
      server.socket.tell("change", { from: 9, seq: 10, drop: [], put: [{ type: "idea", id: "y", number: 10 }] });
      const during = [client.all("idea").map(it => it.id), server.resumes];
      server.socket.tell("change", { from: 6, seq: 10, drop: [], put: [{ type: "idea", id: "x", number: 9 }] });
      server.socket.tell("now", { now: 2000, put: [{ type: "counts", id: "counts", joined: 7 }] });
      const { joined } = client.get("counts", "counts");
      say({ order, heard, during, after: client.all("idea").map(it => it.id), joined });
    """)
    assert said["order"] == ["b", "a"]
    assert said["heard"][0] == [["idea", "a", None, 2], ["idea", "c", 3, None]]
    assert said["during"] == [["b", "c"], [{"since": {"log": "L", "seq": 6}}]]
    assert said["after"] == ["b", "c", "x"]
    assert said["joined"] == 7


def test_a_return_names_what_is_held_and_a_new_log_forgets(play: Any) -> None:
    """`since` goes along when records are held; `from: 0` takes all that was there before."""
    said = play("""
      const server = new Server(), storage = new Storage(), client = phone(server, storage);
      await later();
      const put = [{ type: "idea", id: "a", number: 1 }, { type: "idea", id: "b", number: 2 }];
      server.socket.welcome({ seq: 3, put });
      server.socket.drop();
      const off = client.state.connection;
      server.socket.connect(); await later();
      const more = [{ type: "idea", id: "c", number: 3 }];
      server.socket.welcome({ from: 3, seq: 4, put: more, drop: [["idea", "a"]] });
      const back = client.all("idea").map(it => it.id);
      server.socket.drop(); server.socket.connect(); await later();
      const gone = [];
      client.onChange(changes => gone.push(...changes.filter(it => !it.record).map(it => it.id)));
      server.socket.welcome({ from: 0, log: "M", seq: 1, put: [{ type: "idea", id: "z", number: 1 }] });
      say({ off, back, hellos: server.hellos, all: client.all("idea").map(it => it.id), gone });
    """)
    assert said["off"] == "offline"
    assert said["back"] == ["b", "c"]
    assert (said["all"], said["gone"]) == (["z"], ["b", "c"])
    first, second, _ = said["hellos"]
    assert "since" not in first
    assert "token" not in first
    assert second["since"] == {"log": "L", "seq": 3}
    assert second["token"] == "t1"
    assert second["join"] == first["join"]


def test_kept_commands_go_out_in_order_and_again_until_they_are_answered(play: Any) -> None:
    """Without a network they wait; after a cut the same id is sent again; an answer takes it from the device."""
    said = play("""
      const server = new Server(), storage = new Storage(), client = phone(server, storage);
      client.do("PostIdea", { text: "one" }, { keep: true });
      client.do("PostIdea", { text: "two" }, { keep: true });
      await later();
      const before = [server.sent.length, client.outbox.map(it => it.status)];
      server.socket.welcome();
      const first = server.sent[0].command.id;
      server.socket.drop();
      const waiting = client.outbox.map(it => it.status);
      server.socket.connect(); await later(); server.socket.welcome({ from: 1, seq: 1 });
      const again = server.sent[1].command.id === first;
      server.sent[0].done = true;
      server.answer(); server.answer();
      await later();
      const left = storage.keys().filter(key => key.includes(".out."));
      say({ before, waiting, again, kinds: server.kinds(), left, outbox: client.outbox });
    """)
    assert said["before"] == [0, ["waiting", "waiting"]]
    assert said["waiting"] == ["waiting", "waiting"]
    assert said["again"] is True
    assert said["kinds"] == ["PostIdea:one", "PostIdea:one", "PostIdea:two"]
    assert (said["left"], said["outbox"]) == ([], [])


def test_the_outbox_survives_a_reload_and_two_tabs(play: Any) -> None:
    """A new page sends what the old one kept, with the same id; a second tab never overwrites the first one's."""
    said = play("""
      const storage = new Storage();
      const one = new Server(), a = phone(one, storage), other = new Server(), b = phone(other, storage);
      a.do("PostIdea", { text: "from a" }, { keep: true, id: "aaaaaaaaaaaaaaaaaaaa" });
      await later();
      b.do("PostIdea", { text: "from b" }, { keep: true, id: "bbbbbbbbbbbbbbbbbbbb" });
      await later();
      a.keep("draft", "half a senten");
      const server = new Server(), fresh = phone(server, storage);
      await later(); server.socket.welcome();
      server.answer(); server.answer();
      const left = storage.keys().filter(key => key.includes(".out."));
      say({ ids: server.sent.map(it => it.command.id), left, draft: fresh.kept("draft") });
    """)
    assert said["ids"] == ["aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb"]
    assert said["left"] == []
    assert said["draft"] == "half a senten"


def test_retry_waits_and_keeps_the_order_and_a_refusal_keeps_the_text(play: Any) -> None:
    """With `retry` the same command goes again later, before those behind it; without, it is shown as not sent."""
    said = play("""
      const pass = stopped();
      const server = new Server(), client = phone(server, new Storage());
      await later(); server.socket.welcome();
      const answers = [];
      client.do("PostIdea", { text: "one" }, { keep: true }).then(answer => answers.push(answer.ok));
      client.do("PostIdea", { text: "two" }, { keep: true }).then(answer => answers.push(answer.error.key));
      server.answer({ ok: false, error: { key: "store.failing", values: {}, retry: 0.2 } });
      const paused = [server.sent.length, client.outbox[0].status, client.outbox[0].error.key];
      await pass(400);
      server.answer();
      server.answer({ ok: false, error: { key: "board.locked", values: {} } });
      await later();
      const failed = client.outbox.map(it => [it.text, it.status]);
      const id = client.outbox[0].id;
      client.amend(id, { text: "two, shorter" });
      server.answer(); await later();
      const same = server.sent[3].command.id === id;
      say({ paused, answers, failed, kinds: server.kinds(), same, left: client.outbox.length });
    """)
    assert said["paused"] == [1, "waiting", "store.failing"]
    assert said["answers"] == [True, "board.locked"]
    assert said["failed"] == [["two", "failed"]]
    assert said["kinds"] == ["PostIdea:one", "PostIdea:one", "PostIdea:two", "PostIdea:two, shorter"]
    assert said["same"] is True
    assert said["left"] == 0


def test_a_newer_ballot_takes_the_place_of_one_that_has_not_left(play: Any) -> None:
    """Twenty quick taps are two commands on the wire; what is on its way is never taken back."""
    said = play("""
      const server = new Server(), client = phone(server, new Storage());
      await later(); server.socket.welcome();
      const answers = [];
      for (let rev = 1; rev <= 20; rev++) {
        const done = client.do("CastBallot", { round: "r", rev }, { keep: true, lane: "r" });
        done.then(it => answers.push(it.ok ? rev : it.error.key));
      }
      server.answer(); server.answer(); await later();
      const replaced = answers.filter(it => it === "replaced").length;
      say({ kinds: server.kinds(), last: answers[answers.length - 1], replaced });
    """)
    assert said["kinds"] == ["CastBallot:1", "CastBallot:20"]
    assert (said["last"], said["replaced"]) == (20, 18)


def test_what_was_saved_stays_in_sight_until_its_record_comes(play: Any) -> None:
    """Between the answer and the frame nothing flickers; the device itself keeps it no longer."""
    said = play("""
      const pass = stopped();
      const server = new Server(), storage = new Storage(), client = phone(server, storage);
      await later(); server.socket.welcome();
      client.do("PostIdea", { text: "one" }, { keep: true });
      client.do("PostIdea", { text: "two" }, { keep: true });
      server.answer({ ok: true, seq: 2 });
      const between = client.outbox.map(it => it.status);
      const kept = storage.keys().filter(key => key.includes(".out.")).length;
      server.answer({ ok: true, seq: 3 });
      server.socket.tell("change", { from: 1, seq: 2, drop: [], put: [] });
      const seen = client.outbox.map(it => [it.text, it.status]);
      await pass(1600);
      say({ between, kept, seen, after: client.outbox.length, sent: server.sent.length });
    """)
    assert said["between"] == ["saved", "sending"]
    assert said["kept"] == 1
    assert said["seen"] == [["two", "saved"]]
    assert (said["after"], said["sent"]) == (0, 2)


def test_what_is_not_kept_is_answered_in_any_case(play: Any) -> None:
    """A desk's command goes at once, again after a cut with the same id, and never stays without an answer."""
    said = play("""
      const pass = stopped();
      const server = new Server();
      const client = phone(server, null, { role: "facilitator", getToken: async () => "short-lived" });
      await later(); server.socket.welcome();
      const answers = [];
      client.do("StartPhase", { phase: "a" }).then(answer => answers.push(answer.ok));
      server.socket.drop(); server.socket.connect(); await later(); server.socket.welcome({ from: 1 });
      const ids = server.sent.map(it => it.command.id);
      server.sent[0].done = true; server.answer(); await later();
      server.socket.drop();
      const begun = Date.now();
      let silent, waited;
      client.do("EndPhase", { phase: "a" }).then(it => { silent = it; waited = Date.now() - begun; });
      await pass(20_000);
      say({ same: ids[0] === ids[1], answers, silent, waited, hello: server.hellos[0] });
    """)
    assert said["same"] is True
    assert said["answers"] == [True]
    assert said["silent"] == {"ok": False, "error": {"key": "net.off", "values": {}}}
    assert said["waited"] < 10_000
    assert said["hello"] == {"code": "K7MPQ2", "token": "short-lived"}


@pytest.mark.parametrize("key", ["session.unknown", "token.invalid"])
def test_a_lasting_refusal_is_told_and_nothing_is_lost(play: Any, key: str) -> None:
    """The page says so; what was written stays on the device, and nobody knocks again by itself."""
    said = play(
        """
      const server = new Server(), storage = new Storage();
      const told = [], client = phone(server, storage, { onRefused: key => told.push(key) });
      client.do("PostIdea", { text: "still here" }, { keep: true });
      await later();
      server.socket.active = false;
      server.socket.tell("connect_error", Object.assign(new Error("KEY"), { data: {} }));
      await later(50);
      say({ told, refused: client.state.refused, outbox: client.outbox.map(it => it.text), opened: server.opened });
    """.replace("KEY", key)
    )
    assert said == {"told": [key], "refused": key, "outbox": ["still here"], "opened": 1}


@pytest.mark.parametrize("kept", ["", "short", "j" * 101, "t\u00e4uschend-\u00e4hnlich"])
def test_a_nonce_that_is_none_is_made_anew(play: Any, kept: str) -> None:
    """The server refuses it: a phone whose storage was damaged would ask in vain for ever."""
    said = play(
        """
      const server = new Server(), storage = new Storage();
      storage.setItem("facilitate.K7MPQ2.join", KEPT);
      phone(server, storage);
      await later();
      say({ told: server.hellos[0].join, kept: storage.getItem("facilitate.K7MPQ2.join") });
    """.replace("KEPT", json.dumps(kept))
    )
    assert said["told"] == said["kept"] != kept
    assert 8 <= len(said["told"]) <= 100
@pytest.mark.parametrize("who", ["phone", "desk"])
def test_whoever_was_in_a_deleted_session_is_led_away_with_what_proves_it(play: Any, who: str) -> None:
    """That page alone takes anything from the device: it asks again."""
    said = play(
        """
      const server = new Server(), storage = new Storage(), to = [], asked = [];
      globalThis.location = { replace: url => to.push(url) };
      const getToken = async had => { asked.push(had); return "live-token"; };
      const client = phone(server, storage, "WHO" === "desk" ? { getToken } : {});
      await later(); server.socket.welcome({ put: [{ type: "idea", id: "i", text: "Seen" }] });
      client.do("PostIdea", { text: "still here" }, { keep: true });
      server.socket.drop();
      server.socket.active = false;
      server.socket.tell("connect_error", Object.assign(new Error("session.deleted"), { data: {} }));
      await later();
      say({ to, asked, kept: storage.keys().filter(key => key.includes(".out.")).length });
    """.replace("WHO", who)
    )
    assert said["to"] == ["/gone/K7MPQ2#live-token" if who == "desk" else "/gone/K7MPQ2#"], "a phone keeps its own"
    assert said["asked"] == ([""] if who == "desk" else [])
    assert said["kept"] == 1


def test_a_busy_server_is_asked_again(play: Any) -> None:
    """`retry` says when."""
    said = play("""
      const pass = stopped();
      const server = new Server(), client = phone(server, new Storage());
      await later();
      server.socket.active = false;
      server.socket.tell("connect_error", Object.assign(new Error("session.busy"), { data: { retry: 0.05 } }));
      await pass(200);
      say({ opened: server.opened });
    """)
    assert said["opened"] == 2


def test_waking_connects_anew_where_the_socket_may_be_dead(play: Any) -> None:
    """Off, or silent while the timers stood still: at once. Awake and heard from a moment ago: not at all."""
    said = play("""
      const server = new Server(), client = phone(server, new Storage());
      await later(); server.socket.welcome();
      const real = Date.now;
      Date.now = () => real() + 1500;
      client.wake();
      const fresh = server.opened;
      Date.now = () => real() + 60000;
      client.wake();
      const asleep = server.opened;
      client.wake(); client.wake();
      const often = server.opened;
      Date.now = () => real() + 62000;
      server.socket.welcome({ from: 0 });
      server.socket.drop();
      Date.now = () => real() + 64000;
      client.wake();
      say({ fresh, asleep, often, off: server.opened, clock: Math.round((client.now() - 1000) / 1000) });
    """)
    assert (said["fresh"], said["asleep"], said["often"], said["off"]) == (1, 2, 2, 3)


def test_storage_that_refuses_changes_nothing_but_the_memory_of_the_device(play: Any) -> None:
    """Reading, writing and listing may all throw: the page goes on from its own memory."""
    said = play("""
      const { storage } = await import("./storage.mjs");
      const window = { get localStorage() { throw new Error("refused"); } };
      const no = () => { throw new Error("full"); };
      const full = { localStorage: { getItem: () => null, setItem: no, removeItem: no } };
      const kept = [window, full].map(it => {
        const safe = storage(it);
        safe.setItem("a", "1"); safe.setItem("b", "2"); safe.removeItem("b");
        return [safe.getItem("a"), safe.getItem("b"), safe.keys().includes("a")];
      });
      const server = new Server(), client = phone(server, storage(window));
      client.do("PostIdea", { text: "kept in memory" }, { keep: true });
      await later(); server.socket.welcome(); server.answer(); await later();
      say({ kept, sent: server.kinds(), left: client.outbox.length });
    """)
    assert said["kept"] == [["1", None, True], ["1", None, True]]
    assert (said["sent"], said["left"]) == (["PostIdea:kept in memory"], 0)


def test_handing_the_device_on_leaves_nothing(play: Any) -> None:
    """Token, nonce, drafts and outbox go; the next hello is a stranger's."""
    said = play("""
      const server = new Server(), storage = new Storage(), client = phone(server, storage);
      storage.setItem("facilitate.OTHER1.token", "of another workshop");
      await later(); server.socket.welcome({ put: [{ type: "own", id: "a" }] });
      client.keep("draft", "mine");
      client.forget();
      await later();
      const [first, second] = server.hellos;
      const anew = first.join !== second.join;
      const keys = storage.keys().sort();
      say({ keys, own: client.all("own"), token: second.token ?? null, anew, since: second.since ?? null });
    """)
    assert said["keys"] == ["facilitate.K7MPQ2.join", "facilitate.OTHER1.token"]
    assert (said["own"], said["token"], said["anew"], said["since"]) == ([], None, True, None)


# The time of day goes another way than the page's, by as much as a test says.
CLOCKS = """
  const pass = stopped();
  let ahead = 0;
  Date.now = () => performance.now() + ahead;
"""


def test_a_clock_that_is_set_back_stops_nothing(play: Any) -> None:
    """What the page shows for the time goes on, a gap is asked for again after two seconds, and the order stays."""
    said = play(
        CLOCKS
        + """
      const server = new Server(), storage = new Storage(), client = phone(server, storage);
      await later(); server.socket.welcome({ now: 5_000_000 });
      const gap = () => server.socket.tell("change", { from: 8, seq: 9, drop: [], put: [] });
      client.do("PostIdea", { text: "one" }, { keep: true });
      await pass(700);
      gap();
      ahead = -3_600_000;
      await pass(200);
      const shown = client.now();
      client.do("PostIdea", { text: "two" }, { keep: true });
      client.wake();
      const opened = server.opened;
      await pass(100); await later(); server.socket.welcome({ now: 5_001_000 });
      gap(); await pass(2100); gap();
      const resumes = server.resumes.length;
      server.socket.drop();
      const late = client.now() - client.state.since;
      const other = new Server(), again = phone(other, storage);
      again.do("PostIdea", { text: "three" }, { keep: true });
      say({ shown, opened, resumes, late, order: again.outbox.map(it => it.text), now: client.now() });
    """
    )
    assert said["shown"] == 5_000_900
    assert said["opened"] == 2  # at once, and not a second time
    assert said["resumes"] == 2
    assert said["late"] == 0
    assert said["now"] == 5_003_100
    assert said["order"] == ["one", "two", "three"]


@pytest.mark.parametrize("stands", [True, False], ids=["stands still", "goes on"])
def test_after_an_hours_sleep_the_time_is_right_at_once(play: Any, stands: bool) -> None:
    """Whether the page's own time stands still meanwhile or not, and also where no server can be reached."""
    said = play(
        (CLOCKS + "const stands = STANDS;").replace("STANDS", json.dumps(stands))
        + """
      const server = new Server(), client = phone(server, new Storage());
      await later(); server.socket.welcome({ now: 5_000_000 });
      await pass(10_000);
      const before = performance.now();
      if (stands) ahead = 3_600_000;
      else performance.now = () => before + 3_600_000;
      client.wake();
      say({ now: client.now(), opened: server.opened, knows: client.knowsTime });
    """
    )
    assert said == {"now": 3_600_000 + 5_010_000, "opened": 2, "knows": True}
