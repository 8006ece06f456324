// What the desk knows and does: the records as Vue sees them, commands with their undo, and what is said aloud.

import { newId } from "./live.js";
import { pick } from "./room.js";

const TYPES = ["session", "phase", "board", "idea", "cluster", "round", "tally", "note", "screen", "counts", "participant"];
const LISTED = 20; // commands that the list of undo holds
const SPOKEN = 5000; // ms that a sentence stays

export default Vue => {
  const { computed, reactive, ref, shallowReactive, shallowRef } = Vue;

  return function deskOf(client, say, about, memory) {
    const tables = {};
    for (const type of TYPES) tables[type] = shallowReactive(new Map());
    const all = type => [...tables[type].values()];
    const get = (type, id) => tables[type].get(id) ?? null;

    client.onChange(changes => {
      for (const { type, id, record } of changes) {
        if (!tables[type]) continue;
        if (record) tables[type].set(id, record);
        else tables[type].delete(id);
      }
      for (const [id, cluster] of moving) {
        const idea = get("idea", id);
        if (!idea || (idea.cluster ?? null) === cluster) moving.delete(id);
      }
    });

    const link = shallowRef(client.state);
    const outbox = shallowRef([]);
    client.onState(() => {
      link.value = client.state;
      outbox.value = client.outbox;
    });

    // --- reading

    const session = computed(() => all("session")[0] ?? null);
    const counts = computed(() => all("counts")[0] ?? {});
    const phases = computed(() => all("phase").sort((a, b) => a.order - b.order));
    const current = computed(() => phases.value.find(phase => phase.id === session.value?.phase) ?? null);
    const next = computed(() => {
      const here = current.value;
      return phases.value.find(phase => !here || phase.order > here.order) ?? null;
    });
    const before = computed(() => {
      const here = current.value;
      return here ? [...phases.value].reverse().find(phase => phase.order < here.order) ?? null : null;
    });

    const chosen = ref(null); // a board that is looked at instead of the phase's own
    const board = computed(() => get("board", chosen.value ?? current.value?.board ?? ""));
    const moving = shallowReactive(new Map()); // idea -> cluster, until the server has said it
    const placeOf = idea => (moving.has(idea.id) ? moving.get(idea.id) : idea.cluster ?? null);
    const standing = computed(() =>
      all("idea")
        .filter(idea => idea.board === board.value?.id && (idea.state === "open" || idea.state === "face-down"))
        .sort((a, b) => a.number - b.number),
    );
    const clusters = computed(() =>
      all("cluster")
        .filter(cluster => cluster.board === board.value?.id)
        .sort((a, b) => a.letter.length - b.letter.length || (a.letter < b.letter ? -1 : 1)),
    );
    const placed = computed(() => {
      const lists = new Map(clusters.value.map(cluster => [cluster.id, []]));
      lists.set(null, []);
      for (const idea of standing.value) (lists.get(placeOf(idea)) ?? lists.get(null)).push(idea);
      return lists;
    });
    const unplaced = computed(() => placed.value.get(null));
    const faceDown = computed(() => standing.value.filter(idea => idea.state === "face-down"));
    const late = computed(() => all("idea").filter(idea => idea.state === "late").sort((a, b) => a.number - b.number));
    const hidden = computed(() => all("idea").filter(idea => idea.state === "hidden").sort((a, b) => a.number - b.number));
    const rounds = computed(() => all("round").sort((a, b) => orderOf(a) - orderOf(b) || a.number - b.number));
    const round = computed(() => rounds.value.filter(it => it.phase === current.value?.id).pop() ?? null);
    const screen = computed(() => get("screen", "main"));

    const orderOf = it => get("phase", it.phase)?.order ?? 0;

    const text = texts => pick(texts, about.language)[1];
    const langOf = texts => pick(texts, about.language)[0] || null;

    // The words for an idea or a cluster, wherever one of them may stand.
    function nameOf(id) {
      const idea = get("idea", id);
      if (idea) return idea.text ?? say("card.face-down", { number: idea.number });
      const cluster = get("cluster", id);
      return cluster ? clusterName(cluster) : say("card.erased");
    }

    function clusterName(cluster) {
      return cluster.title || say("cluster.untitled", { letter: cluster.letter });
    }

    // --- saying

    const spoken = reactive([]);
    const aloud = ref("");

    function tell(sentence, kind = "news") {
      aloud.value = sentence;
      const line = { id: newId(), sentence, kind };
      spoken.push(line);
      if (spoken.length > 2) spoken.shift();
      const gone = () => dismiss(line.id);
      if (kind !== "refusal") setTimeout(gone, SPOKEN);
    }

    function dismiss(id) {
      const at = spoken.findIndex(line => line.id === id);
      if (at >= 0) spoken.splice(at, 1);
    }

    function refuse(error) {
      tell(sentenceOf(error), "refusal");
    }

    function sentenceOf(error) {
      if (error.key === "net.off") return say("desk.not-sent");
      const values = { ...error.values };
      if (values.activity) values.activity = say(`activity.${values.activity}`);
      const sentence = say(`error.${error.key}`, values);
      return sentence === `error.${error.key}` ? say("error.other") : sentence;
    }

    // --- doing

    const done = reactive(restored());

    function restored() {
      try {
        return JSON.parse(memory.get("done")) ?? [];
      } catch {
        return [];
      }
    }

    function remember(what, commands, seen = false) {
      done.push({ id: newId(), what, commands, seen });
      while (done.length > LISTED) done.shift();
      memory.set("done", JSON.stringify(done));
    }

    // `what` names it in the list of undo; without it the command can't be taken back.
    async function act(kind, fields, { what = null, seen = false, ...options } = {}) {
      const id = options.id ?? newId();
      const answer = await client.do(kind, fields, { ...options, id });
      if (answer.ok) {
        if (what) remember(what, [id], seen);
      } else if (answer.error.key !== "replaced") {
        refuse(answer.error);
      }
      return answer;
    }

    async function undo(entry = done[done.length - 1]) {
      if (!entry) return tell(say("desk.undo-none"));
      for (const command of [...entry.commands].reverse()) {
        const answer = await client.do("Undo", { command });
        if (answer.ok) continue;
        const final = answer.error.key.startsWith("undo.");
        if (final) forget(entry);
        return refuse(answer.error);
      }
      forget(entry);
      tell(entry.seen ? say("desk.seen") : say("desk.undone", { what: entry.what }));
    }

    function forget(entry) {
      const at = done.findIndex(other => other.id === entry.id);
      if (at >= 0) done.splice(at, 1);
      memory.set("done", JSON.stringify(done));
    }

    async function move(ids, cluster) {
      const ideas = ids.map(id => get("idea", id)).filter(idea => idea && placeOf(idea) !== cluster);
      if (!ideas.length) return;
      for (const idea of ideas) moving.set(idea.id, cluster);
      const commands = ideas.map(() => newId());
      const answers = await Promise.all(
        ideas.map((idea, i) => client.do("MoveIdea", { idea: idea.id, cluster }, { id: commands[i] })),
      );
      const moved = commands.filter((_, i) => answers[i].ok);
      ideas.forEach((idea, i) => answers[i].ok || moving.delete(idea.id));
      setTimeout(() => ideas.forEach(idea => moving.get(idea.id) === cluster && moving.delete(idea.id)), 3000);
      const refused = answers.find(answer => !answer.ok);
      if (refused) refuse(refused.error);
      if (!moved.length) return;
      const number = ideas[0].number;
      const target = cluster && get("cluster", cluster);
      const many = ideas.length > 1;
      remember(many ? say("did.move-many", { n: ideas.length }) : say("did.move", { number }), moved);
      if (!target) tell(many ? say("said.unplaced-many", { n: ideas.length }) : say("said.unplaced", { number }));
      else if (many) tell(say("said.moved-many", { n: ideas.length, cluster: clusterName(target) }));
      else tell(say("said.moved", { number, cluster: clusterName(target) }));
    }

    // The id of the new cluster, once it is there; null if it was refused.
    async function form(ids, title = "") {
      const id = newId();
      const answer = await act("FormCluster", { title, ideas: ids, board: board.value.id }, { id });
      if (!answer.ok) return null;
      const letter = get("cluster", id)?.letter ?? "";
      remember(say("did.cluster", { letter }), [id]);
      tell(say("said.clustered", { n: ids.length, letter }));
      return id;
    }

    async function post(fields) {
      return act("PostIdea", fields, { keep: true, what: say("did.post") });
    }

    // --- what can't be unseen counts down first

    const count = shallowRef(null); // {sentence, left, stopped, go}

    function countDown(sentence, stopped, go) {
      if (count.value) return;
      count.value = { sentence, stopped, go, left: 3 };
      aloud.value = sentence;
      const beat = setInterval(() => {
        const it = count.value;
        if (!it) return clearInterval(beat);
        if (it.left > 1) return void (count.value = { ...it, left: it.left - 1 });
        clearInterval(beat);
        count.value = null;
        it.go();
      }, 1000);
    }

    function stop() {
      const it = count.value;
      count.value = null;
      if (it) tell(it.stopped);
    }

    const now = ref(client.now());
    setInterval(() => (now.value = client.now()), 500);

    return {
      client, say, about, memory, all, get, text, langOf, nameOf, clusterName, placeOf, now,
      session, counts, phases, current, next, before, chosen, board, standing, clusters, placed, unplaced, faceDown,
      late, hidden, rounds, round, screen, link, outbox,
      spoken, aloud, tell, dismiss, refuse, sentenceOf,
      done, act, undo, move, form, post, count, countDown, stop,
      open: shallowRef(null), // the dialog that is open
    };
  };
};
