// Where cards go by menu, key and button, and who has the focus afterwards: the next card, ready for the next decision.

import { fromHere } from "./desk-focus.js";
import { ASIDE } from "./desk-store.js";

const SOON = 60; // ms until the focus goes on, so that what is told of it has been drawn
const DEAF = 400; // ms in which a key may still be meant for the card that was there before

// `root` is the board's element, `chosen` the cards that are chosen, `at` the one that Tab comes to, `loose` those not
// placed.
export default ({ watch, nextTick }, { desk, root, chosen, at, loose }) => {
  const { say } = desk;
  const waiting = new Map(); // a cluster that is to get its title -> the cards that are next then
  let own = []; // cards that this desk is moving
  let deaf = 0; // until when letters are not taken (ms of the page)

  const cards = () => [...(root.value?.querySelectorAll("[data-card]") ?? [])];
  const cardOf = id => root.value?.querySelector(`[data-card="${id}"]`);
  const focus = (id, still = false) => cardOf(id)?.focus({ preventScroll: still });

  // After a move the focus goes on to the next card, ready for the next decision: those behind, then those before.
  function following(ids) {
    const all = cards().map(it => it.dataset.card);
    const last = Math.max(...ids.map(id => all.indexOf(id)));
    own = ids;
    return [...all.slice(last + 1), ...all.slice(0, last).reverse()].filter(id => !ids.includes(id)).concat(ids);
  }

  // Others place cards meanwhile, so it is decided when the focus goes. What is folded away cannot have it.
  function goOn(ids, give = fromHere()) {
    setTimeout(() => nextTick(() => {
      own = [];
      const there = new Set(cards().map(it => it.dataset.card));
      const id = ids.find(it => there.has(it) && !desk.placeOf(desk.get("idea", it))) ?? ids.filter(it => there.has(it)).pop();
      at.value = id ?? null;
      give(id ? cardOf(id) : cards()[0]);
    }), SOON);
  }

  // The card that has the focus is placed by somebody else: the next one takes its place, and no key that was meant
  // for the first one is taken for it.
  watch(loose, (now, before) => {
    const id = document.activeElement?.dataset?.card;
    if (!id || own.includes(id) || !before.some(idea => idea.id === id) || now.some(idea => idea.id === id)) return;
    deaf = performance.now() + DEAF;
    const { number } = before.find(idea => idea.id === id);
    const place = desk.get("idea", id) && desk.placeName(desk.get("idea", id));
    desk.aloud.value = place ? say("said.placed-meanwhile", { number, place }) : say("error.idea.gone");
    goOn(following([id]));
  });

  function showMove(ids, listed = false) {
    const back = following(ids);
    const give = fromHere();
    const done = cluster => {
      chosen.clear();
      if (cluster) {
        waiting.set(cluster, back);
        rename(cluster, give);
      } else goOn(back, give);
    };
    desk.open.value = { kind: "move", ids, listed, done };
  }

  async function cluster(ids) {
    const back = following(ids);
    const give = fromHere();
    chosen.clear();
    const id = await desk.form(ids);
    if (!id) return;
    waiting.set(id, back);
    rename(id, give);
  }

  // Once a new cluster has its title, the next card has its turn.
  function named(id) {
    const back = waiting.get(id);
    waiting.delete(id);
    if (back) goOn(back);
    else document.querySelector(`[data-cluster="${id}"] [data-card]`)?.focus();
  }

  // Its title field gets the focus as soon as it is drawn.
  function rename(id, give = fromHere(), patience = 20) {
    const field = document.querySelector(`[data-cluster="${id}"] .cluster-head textarea`);
    if (field) give(field);
    else if (patience) setTimeout(() => rename(id, give, patience - 1), 50);
  }

  async function setAside(ids) {
    const back = following(ids);
    const give = fromHere();
    chosen.clear();
    await desk.move(ids, ASIDE);
    goOn(back, give);
  }

  async function splitOff(it) {
    const ids = [...chosen].filter(id => desk.placeOf(desk.get("idea", id)) === it.id);
    const give = fromHere();
    chosen.clear();
    const made = await desk.split(it, ids);
    if (made) rename(made, give);
  }

  async function mergeChosen(ids) {
    own = ids;
    const give = fromHere();
    chosen.clear();
    await desk.mergeIdeas(ids);
    goOn([...ids], give);
  }

  async function dissolve({ id, letter }) {
    const answer = await desk.act("DissolveCluster", { cluster: id }, { what: say("did.dissolve", { letter }) });
    if (answer.ok) desk.tell(say("said.dissolved", { letter }));
  }

  const isDeaf = () => performance.now() < deaf;

  return { cards, focus, isDeaf, showMove, cluster, named, rename, setAside, splitOff, mergeChosen, dissolve };
};
