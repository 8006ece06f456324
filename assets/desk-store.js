// What the desk knows and does: the records as Vue sees them, commands with their undo, and what is said aloud.

import hints from "./desk-hints.js";
import { newId } from "./live.js";
import { pick } from "./room.js";

const TYPES = ["session", "phase", "board", "idea", "cluster", "round", "tally", "note", "screen", "counts", "participant", "group", "member", "comment", "pluses", "answer", "answers", "mute", "hand", "knock", "breakdown"];
const LISTED = 20; // commands that the list of undo holds
const SPOKEN = 5000; // ms that a sentence stays
const ANSWER = 130000; // ms until a question counts as not answered
const MINE = 20000; // ms in which one is told that somebody moved on what one has moved oneself
export const ASIDE = "aside"; // where a card lies that is set aside: in no cluster, and waiting for none

export default Vue => {
  const { computed, reactive, ref, shallowReactive, shallowRef, watch } = Vue;

  return function deskOf(client, say, about, memory) {
    const tables = {};
    for (const type of TYPES) tables[type] = shallowReactive(new Map());
    const all = type => [...tables[type].values()];
    const get = (type, id) => tables[type].get(id) ?? null;

    const commented = shallowReactive(new Map()); // idea -> how many comments
    const isFlagged = hints(Vue)(client, about);

    client.onChange(changes => {
      for (const { type, id, record, before } of changes) {
        if (!tables[type]) continue;
        if (type === "comment" && !record !== !before) {
          const { idea } = record ?? before;
          commented.set(idea, (commented.get(idea) ?? 0) + (record ? 1 : -1));
        }
        if (record) tables[type].set(id, record);
        else tables[type].delete(id);
      }
      for (const [id, place] of moving) {
        const idea = get("idea", id);
        if (!idea || liesAt(idea) === place) moving.delete(id);
      }
      for (const { type, id } of changes) if (type === "idea" && mine.has(id)) compare(id);
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
      return phases.value.find(phase => !phase.skipped && (!here || phase.order > here.order)) ?? null;
    });
    const before = computed(() => {
      const here = current.value;
      return here ? [...phases.value].reverse().find(phase => !phase.skipped && phase.order < here.order) ?? null : null;
    });

    const chosen = ref(null); // a board that is looked at instead of the phase's own
    const board = computed(() => get("board", chosen.value ?? opened.value ?? current.value?.board ?? ""));

    // --- groups: where people work in them, the desk opens on the first board that has a card, and stays there

    const groups = computed(() => all("group").filter(it => it.phase === session.value?.grouping).sort((a, b) => a.number - b.number));
    const isGrouped = computed(() => {
      const wish = current.value?.settings?.groups;
      return Boolean(wish && !wish.back);
    });
    const cardsOn = computed(() => {
      const found = new Map();
      for (const idea of all("idea")) {
        if (idea.state === "open" || idea.state === "face-down") found.set(idea.board, (found.get(idea.board) ?? 0) + 1);
      }
      return found;
    });
    const groupAt = id => (id ? groups.value.find(it => it.board === id) ?? null : null); // who sits at a board now
    const opened = ref(null);
    const isAlone = computed(() => isGrouped.value && current.value.settings.groups.size === 1); // one's own board opens on wish only
    const written = computed(() => (isGrouped.value && !isAlone.value ? groups.value.map(it => it.board).filter(id => cardsOn.value.has(id)) : []));
    watch([() => current.value?.id, written], ([phase, boards], [before]) => {
      if (phase !== before || !groupAt(opened.value)) opened.value = boards[0] ?? null;
    }, { immediate: true });

    // Whoever pressed Next, the step's own board is what counts now.
    watch(() => current.value?.id, (phase, before) => before && (chosen.value = null));

    const groupName = it => (it.name ? say("group.named", { name: it.title ? text(it.title) : it.name }) : say("group.number", { n: it.number }));
    const groupPlace = it => {
      const table = get("board", it.board)?.table;
      return table && table !== it.number ? `${groupName(it)} ${say("group.at-table", { n: table })}` : groupName(it);
    };
    const boardName = it => {
      const group = groupAt(it.id);
      return group ? groupPlace(group) : boardTitle(it);
    };
    // A group's board by the table it lies on: groups move on.
    const boardTitle = it => (it.of ? `${text(it.title)}\u00a0${it.code ?? it.table}` : text(it.title));

    const moving = shallowReactive(new Map()); // idea -> place, until the server has said it
    // A cluster's id, ASIDE, or null for a card that waits to be placed.
    const liesAt = idea => (idea.aside ? ASIDE : idea.cluster ?? null);
    const placeOf = idea => (moving.has(idea.id) ? moving.get(idea.id) : liesAt(idea));
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
      lists.set(ASIDE, []);
      for (const idea of standing.value) (lists.get(placeOf(idea)) ?? lists.get(null)).push(idea);
      return lists;
    });
    const unplaced = computed(() => placed.value.get(null));
    const aside = computed(() => placed.value.get(ASIDE));
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

    // Helpers' desks do a part of the work.
    const may = kind => !about.may || about.may.includes(kind);

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
      mine.clear();
      const answer = await client.do(kind, fields, { ...options, id });
      if (answer.ok) {
        if (what) remember(what, [id], seen);
      } else if (answer.error.key !== "replaced") {
        refuse(answer.error);
      }
      return answer;
    }

    let undoing = Promise.resolve(); // one after another: whoever presses twice takes back two deeds
    const undo = entry => (undoing = undoing.then(() => takeBack(entry ?? done[done.length - 1])));

    // Of a deed of several commands those are taken back that nobody has built on.
    async function takeBack(entry) {
      if (!entry) return tell(say("desk.undo-none"));
      mine.clear();
      const { commands } = entry;
      let [n, refused] = [0, null];
      while (commands.length) {
        const answer = await client.do("Undo", { command: commands[commands.length - 1] });
        if (!answer.ok && !answer.error.key.startsWith("undo.")) return refuse(answer.error);
        commands.pop();
        if (answer.ok) n++;
        else refused = answer.error;
      }
      forget(entry);
      if (!n) return refuse(refused);
      if (refused) return tell(say("desk.undone-part", { what: entry.what }), "refusal");
      tell(entry.seen ? say("desk.seen") : say("desk.undone", { what: entry.what }));
    }

    function forget(entry) {
      const at = done.findIndex(other => other.id === entry.id);
      if (at >= 0) done.splice(at, 1);
      memory.set("done", JSON.stringify(done));
    }

    // --- several people move the same cards: the later move counts, and whoever was earlier is told

    const mine = new Map(); // idea -> {place, seen}: what this desk moved last
    let overtaken = [];

    function compare(id) {
      const entry = mine.get(id);
      const idea = get("idea", id);
      if (!idea || performance.now() - entry.at > MINE) return void mine.delete(id);
      if (liesAt(idea) === entry.place) entry.seen = true;
      else if (entry.seen) {
        mine.delete(id);
        if (!overtaken.length) setTimeout(tellOvertaken, 100);
        overtaken.push(idea);
      }
    }

    function tellOvertaken() {
      const [idea] = overtaken;
      const n = overtaken.length;
      overtaken = [];
      tell(n > 1 ? say("said.overtaken-many", { n }) : say("said.overtaken", { number: idea.number, place: placeName(get("idea", idea.id)) }), "refusal");
    }

    // The words for where a card lies.
    function placeName(idea) {
      const place = idea ? liesAt(idea) : null;
      if (place === ASIDE) return say("board.aside");
      const cluster = place && get("cluster", place);
      return cluster ? clusterName(cluster) : say("cluster.unplaced");
    }

    // `place` as in `placeOf`. One command, one undo, however many they are.
    async function move(ids, place) {
      const ideas = ids.map(id => get("idea", id)).filter(idea => idea && placeOf(idea) !== place);
      if (!ideas.length) return;
      for (const idea of ideas) moving.set(idea.id, place);
      const moved = ideas.map(idea => idea.id);
      const id = newId();
      const [kind, fields] = place === ASIDE ? ["SetAside", { aside: true }] : ["MoveIdeas", { cluster: place }];
      for (const it of moved) mine.set(it, { place, at: performance.now(), seen: false });
      const answer = await client.do(kind, { ideas: moved, ...fields }, { id });
      setTimeout(() => moved.forEach(it => moving.get(it) === place && moving.delete(it)), answer.ok ? 3000 : 0);
      if (!answer.ok) {
        moved.forEach(it => mine.delete(it));
        return refuse(answer.error);
      }
      const number = ideas[0].number;
      const target = place && get("cluster", place);
      const n = ideas.length;
      remember(n > 1 ? say("did.move-many", { n }) : say("did.move", { number }), [id]);
      const gone = moved.filter(it => !standing.value.some(idea => idea.id === it)).length;
      if (place === ASIDE) tell(n > 1 ? say("said.aside-many", { n }) : say("said.aside", { number }));
      else if (!target) tell(n > 1 ? say("said.unplaced-many", { n }) : say("said.unplaced", { number }));
      else if (n > 1) tell(say("said.moved-many", { n: n - gone, cluster: clusterName(target) }));
      else tell(say("said.moved", { number, cluster: clusterName(target) }));
      if (gone) tell(say("said.gone", { n: gone }), "refusal");
    }

    // Several commands that are one deed: one line in the list of undo. How many were carried out.
    async function together(what, commands) {
      mine.clear();
      const ids = commands.map(() => newId());
      const answers = await Promise.all(commands.map(([kind, fields], i) => client.do(kind, fields, { id: ids[i] })));
      const done_ = ids.filter((_, i) => answers[i].ok);
      const refused = answers.find(answer => !answer.ok);
      if (done_.length) remember(what, done_);
      if (refused) refuse(refused.error);
      return done_.length;
    }

    async function split({ id, letter }, ids) {
      const made = newId();
      const answer = await act("SplitCluster", { cluster: id, ideas: ids }, { id: made, what: say("did.split", { letter }) });
      if (!answer.ok) return null;
      tell(say("said.clustered", { n: ids.length, letter: (await came("cluster", made)).letter }));
      return made;
    }

    async function mergeClusters(into, { id, letter }) {
      const answer = await act("MergeClusters", { into: into.id, clusters: [id] }, { what: say("did.merge", { letter }) });
      if (answer.ok) tell(say("said.merged", { letter, cluster: clusterName(into) }));
    }

    // One card for ideas that say the same; the first one's text stays on top.
    async function mergeIdeas([keep, ...others]) {
      const { number } = get("idea", keep);
      const answer = await act("MergeIdeas", { keep, ideas: others }, { what: say("did.same", { number }) });
      if (answer.ok) tell(say("said.same", { n: others.length + 1, number }));
    }

    async function splitIdeas({ number, also }) {
      const answer = await act("SplitIdeas", { ideas: also.map(it => it.id) }, { what: say("did.apart", { number }) });
      if (answer.ok) tell(say("said.apart", { n: also.length + 1 }));
    }

    // --- suggestions: asked for here, looked through in a dialog, accepted or not

    const suggestion = shallowRef(null); // {kind, board, groups, error}; groups null while they are on their way

    async function suggest(kind) {
      const asked = { kind, board: board.value.id, groups: null, error: null };
      suggestion.value = asked;
      const answer = await new Promise(resolve => {
        const failed = key => resolve({ ok: false, error: { key, values: {} } });
        if (link.value.connection !== "online") return failed("net.off");
        setTimeout(() => failed("suggestion.failed"), ANSWER);
        client.ask({ kind, board: asked.board }, resolve);
      });
      if (suggestion.value !== asked) return;
      const groups = answer.ok ? answer.groups.map(group => ({ ...group, texts: group.ideas.map(id => get("idea", id)?.text) })) : [];
      suggestion.value = { ...asked, groups, error: answer.ok ? null : answer.error };
      if (answer.ok) tell(groups.length ? say("suggest.found", { n: groups.length }) : say("suggest.none"));
      else refuse(answer.error);
    }

    // A record that is on its way: the answer to what made it may be here before it.
    async function came(type, id, patience = 40) {
      for (let i = 0; i < patience && !get(type, id); i++) await new Promise(resolve => setTimeout(resolve, 25));
      return get(type, id) ?? { letter: "" };
    }

    // The id of the new cluster, once it is there; null if it was refused.
    async function form(ids, title = "") {
      const id = newId();
      const answer = await act("FormCluster", { title, ideas: ids, board: board.value.id }, { id });
      if (!answer.ok) return null;
      const { letter } = await came("cluster", id);
      remember(say("did.cluster", { letter }), [id]);
      tell(say("said.clustered", { n: ids.length, letter }));
      return id;
    }

    // The number of cards that came to a board by what `deed` does: its answer may be here before its records are.
    async function gained(board, deed) {
      const count = () => all("idea").filter(idea => idea.board === board).length;
      const before = count();
      const answer = await deed();
      for (let wait = 0; answer.ok && count() === before && wait < 20; wait++) await new Promise(done => setTimeout(done, 50));
      return { ok: answer.ok, n: count() - before };
    }

    const thaw = it => act("FreezeBoard", { board: it.id, frozen: false }, { what: say("did.unfreeze") });

    // A helper changes what that same desk wrote, as far as its list of undo goes back.
    const isMine = id => done.some(entry => entry.commands.includes(id));

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
      session, counts, phases, current, next, before, chosen, board, standing, clusters, placed, unplaced, aside, faceDown,
      groups, isGrouped, isAlone, opened, cardsOn, groupName, groupPlace, groupAt, boardName, boardTitle, late, hidden, rounds, round, screen, link, outbox,
      spoken, aloud, tell, dismiss, refuse, sentenceOf,
      commented, isFlagged, done, act, undo, move, form, together, split, mergeClusters, mergeIdeas, splitIdeas, placeName, suggestion, suggest, remember, may, isMine, thaw, post, gained, count, countDown, stop,
      steered: ref("main"), // the screen that is steered
      open: shallowRef(null), // the dialog that is open
    };
  };
};
