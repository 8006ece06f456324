// The live board: a wall of cards and clusters or a list, with every move by drag, by menu and by keyboard.

import card from "./desk-card.js";
import { draggable } from "./desk-drag.js";
import { fromHere } from "./desk-focus.js";
import { lasso } from "./desk-lasso.js";
import list from "./desk-list.js";
import parts from "./desk-parts.js";
import moderation from "./desk-moderation.js";
import { ASIDE } from "./desk-store.js";

// Up to so many clusters show so many of their cards, so that all headings can be seen and dropped on; more show none.
const WIDE = [[3, Infinity], [6, 3], [12, 1]];
const LAPTOP = [[3, Infinity], [6, 1]];
const ORDERS = ["letter", "size", "votes", "newest"];
const SOON = 60; // ms until the focus goes on, so that what is told of it has been drawn
const DEAF = 400; // ms in which a key may still be meant for the card that was there before

export default Vue => {
  const { h, computed, ref, shallowReactive, shallowRef, watch, nextTick, onMounted, onBeforeUnmount } = Vue;
  const { button, icon, Field } = parts(Vue);
  const Card = card(Vue);
  const { menuItems: moderate } = moderation(Vue);
  const List = list(Vue);

  // The menu of one card, at the card. Arrow keys, Escape, and back to where the focus was.
  const Menu = {
    props: { at: Object, items: Array, label: String, close: Function },
    setup(props) {
      const box = ref(null);
      const outside = event => box.value?.contains(event.target) || props.close(false);

      function onKeydown(event) {
        const rows = [...box.value.querySelectorAll("button")];
        const at = rows.indexOf(document.activeElement);
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        event.stopPropagation();
        if (step) rows[(at + step + rows.length) % rows.length].focus();
        else if (event.key === "Home") rows[0].focus();
        else if (event.key === "End") rows[rows.length - 1].focus();
        else if (event.key === "Escape" || event.key === "Tab") props.close(true);
        else return;
        event.preventDefault();
      }

      onMounted(() => {
        const { width, height } = box.value.getBoundingClientRect();
        box.value.style.left = `${Math.max(8, Math.min(props.at.x, window.innerWidth - width - 8))}px`;
        box.value.style.top = `${Math.max(8, Math.min(props.at.y, window.innerHeight - height - 8))}px`;
        box.value.querySelector("button").focus();
        document.addEventListener("pointerdown", outside, true);
      });
      onBeforeUnmount(() => document.removeEventListener("pointerdown", outside, true));
      return () =>
        h("div", { class: "menu", role: "menu", "aria-label": props.label, ref: box, onKeydown },
          props.items.filter(Boolean).map(([word, go, kind]) =>
            h("button", { type: "button", role: "menuitem", key: word, class: kind, onClick: go }, word)));
    },
  };

  // A cluster's title: written in place, kept on this device until it has been taken.
  const Title = {
    props: { desk: Object, cluster: Object, named: Function },
    setup(props) {
      const { desk } = props;
      const field = ref(null);

      async function save(text) {
        const { id, letter, title } = props.cluster;
        if (text.trim() === (title ?? "")) return void desk.client.keep(`title/${id}`, "");
        const answer = await desk.act("RenameCluster", { cluster: id, title: text }, { what: desk.say("did.rename", { letter }) });
        if (!answer.ok) return;
        desk.client.keep(`title/${id}`, "");
        desk.tell(desk.say("said.renamed", { letter, title: text.trim() || desk.say("board.untitled") }));
      }

      function enter() {
        document.activeElement.blur();
        props.named(props.cluster.id);
      }

      return () =>
        h(Field, {
          desk, ref: field, keep: `title/${props.cluster.id}`, start: props.cluster.title ?? "", max: 120, rows: 1, hidesLabel: true,
          label: `${desk.say("board.cluster-name")} ${props.cluster.letter}`, onLeave: save, enter,
        });
    },
  };

  return {
    props: { desk: Object, narrow: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const root = ref(null);
      const chosen = shallowReactive(new Set());
      const at = ref(null); // the card that Tab comes to
      const dragged = shallowReactive(new Set());
      const waiting = new Map(); // a cluster that is to get its title -> the cards that are next then
      let own = []; // cards that this desk is moving
      let deaf = 0; // until when letters are not taken (ms)
      const menu = shallowRef(null);
      const looks = ref(desk.memory.get("view") ?? "wall");
      const view = computed(() => (props.narrow ? "list" : looks.value));
      const typed = ref("");

      const board = computed(() => desk.board.value);
      const columns = computed(() => new Map((board.value?.columns ?? []).map((column, i) => [column.id, { column, i }])));
      const split = computed(() => desk.clusters.value.length > 0 || desk.aside.value.length > 0 || desk.current.value?.activity === "cluster");
      const unfolded = shallowReactive(new Set()); // clusters that show all their cards
      const fits = computed(() => {
        const text = typed.value.trim().toLowerCase();
        return text ? idea => (idea.text ?? "").toLowerCase().includes(text) || String(idea.number) === text : () => true;
      });
      const loose = computed(() => (desk.unplaced.value ?? []).filter(fits.value));
      const aside = computed(() => (desk.aside.value ?? []).filter(fits.value));
      const shownTexts = shallowReactive(new Set()); // cards that show their duplicates
      const order = ref([]); // clusters as they were sorted last: what changes since moves none of them

      const sorted = computed(() => {
        const place = new Map(order.value.map((id, i) => [id, i]));
        return [...desk.clusters.value].sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || 0);
      });

      function sortBy(name) {
        const sizes = id => desk.placed.value.get(id)?.length ?? 0;
        const newest = id => Math.max(0, ...(desk.placed.value.get(id) ?? []).map(idea => idea.number));
        const votes = id => desk.rounds.value.reduce((last, round) => desk.get("tally", round.id)?.results[id] ?? last, 0);
        const rank = { size: sizes, newest, votes }[name];
        const all = [...desk.clusters.value];
        order.value = (rank ? all.sort((a, b) => rank(b.id) - rank(a.id)) : all).map(({ id }) => id);
        desk.aloud.value = say("said.sorted", { order: say(`board.sort-${name}`) });
      }
      // Tab comes to a card that is drawn: what is folded away in its cluster is not.
      const first = computed(() => {
        const drawn = [...loose.value, ...[].concat(...sorted.value.map(it => shown(it, cardsIn(it)))), ...aside.value];
        return drawn.some(idea => idea.id === at.value) ? at.value : drawn[0]?.id ?? null;
      });

      // What is gone from the board is no longer chosen.
      watch(desk.standing, ideas => {
        const ids = new Set(ideas.map(idea => idea.id));
        for (const id of chosen) if (!ids.has(id)) chosen.delete(id);
      });

      // A card in the hand stays in the hand, whoever moves it meanwhile; that is said.
      watch(
        () => [...dragged].map(id => desk.get("idea", id)).map(idea => [idea?.number, idea && (idea.aside ? ASIDE : idea.cluster)]),
        (now, before) => {
          if (now.length !== before.length) return;
          const at = now.findIndex(([number, place], i) => number && number === before[i][0] && place !== before[i][1]);
          if (at < 0) return;
          const [number] = now[at];
          desk.tell(say("said.moved-meanwhile", { number, place: desk.placeName(desk.get("idea", [...dragged][at])) }));
        },
      );

      // --- choosing

      const together = id => (chosen.has(id) ? [...chosen] : [id]);

      function choose(id, on = !chosen.has(id)) {
        const { number } = desk.get("idea", id);
        if (on) chosen.add(id);
        else chosen.delete(id);
        desk.aloud.value = say(on ? "said.selected" : "said.deselected", { number });
      }

      function onClick(event) {
        const id = event.target.closest("[data-card]")?.dataset.card;
        if (!id) return void (event.target.closest("button, input, select, a") || chosen.clear());
        at.value = id;
        if (event.target.closest("[data-also]")) return showTexts(id);
        if (event.target.closest("[data-menu]")) return showMenu(id, event.target.closest("[data-menu]"));
        focus(id);
        if (event.ctrlKey || event.metaKey || event.shiftKey) return choose(id);
        const alone = chosen.size === 1 && chosen.has(id);
        chosen.clear();
        if (!alone) choose(id, true);
      }

      // --- moving

      const cards = () => [...root.value.querySelectorAll("[data-card]")];
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
        deaf = Date.now() + DEAF;
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

      function chooseAll() {
        const found = desk.standing.value.filter(fits.value);
        found.forEach(idea => chosen.add(idea.id));
        desk.aloud.value = say("board.selected", { n: chosen.size });
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

      const sorts = desk.may("MoveIdeas"); // else there is nothing to drag and nothing to press

      onMounted(() => {
        if (!sorts) return;
        const release = draggable(root.value, {
          pick: together,
          start: ids => ids.forEach(id => dragged.add(id)),
          // By hand, here and in the frame below: 500 cards are not drawn anew for a border.
          over(target) {
            root.value.querySelector(".aimed")?.classList.remove("aimed");
            if (target && target.kind !== "card") root.value.querySelector(`[data-drop="${target.key}"]`)?.classList.add("aimed");
          },
          drop(all, { kind, id }) {
            const there = new Set(desk.standing.value.map(idea => idea.id));
            const ids = all.filter(it => there.has(it));
            if (!ids.length) return desk.tell(say("error.idea.gone"), "refusal");
            chosen.clear();
            if (kind === "cluster") desk.move(ids, id);
            else if (kind === "aside") desk.move(ids, ASIDE);
            else if (kind === "new") cluster(ids);
            else if (kind === "off") desk.move(ids, null);
            else if (ids.some(it => desk.placeOf(desk.get("idea", it)))) desk.move(ids, null);
            else cluster([id, ...ids]);
          },
          end: () => dragged.clear(),
        });
        let before = [];
        const loosen = lasso(root.value, {
          start(more) {
            before = [...chosen];
            if (!more) chosen.clear();
            before = more ? before : [];
          },
          choose(ids) {
            const wanted = new Set([...before, ...ids]);
            for (const it of cards()) it.classList.toggle("chosen", wanted.has(it.dataset.card));
          },
          end(ids) {
            for (const it of cards()) it.classList.toggle("chosen", chosen.has(it.dataset.card)); // as it was drawn
            const wanted = new Set(ids ? [...before, ...ids] : []);
            for (const id of chosen) if (!wanted.has(id)) chosen.delete(id);
            for (const id of wanted) chosen.add(id);
            desk.aloud.value = say("board.selected", { n: chosen.size });
            if (chosen.size) focus([...chosen].pop(), true);
          },
        });
        onBeforeUnmount(() => (release(), loosen()));
      });

      // --- keyboard: these keys work only while a card has the focus

      const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

      // The nearest card in a direction; sideways distance counts double.
      function beside(id, [dx, dy]) {
        const from = middle(root.value.querySelector(`[data-card="${id}"]`).parentElement);
        let best = null;
        for (const it of cards()) {
          if (it.dataset.card === id) continue;
          const to = middle(it.parentElement); // its row has a place also where the card is not drawn
          const [x, y] = [to.x - from.x, to.y - from.y];
          const along = x * dx + y * dy;
          if (along < 8) continue;
          const far = along + 2 * Math.abs(x * dy + y * dx);
          if (!best || far < best.far) best = { far, id: it.dataset.card };
        }
        return best?.id;
      }

      function middle(it) {
        const { left, top, width, height } = it.getBoundingClientRect();
        return { x: left + width / 2, y: top + height / 2 };
      }

      function onKeydown(event) {
        const id = event.target.dataset?.card;
        if (!id) return;
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const control = event.ctrlKey || event.metaKey;
        if (control ? key !== "z" && key !== "a" : event.altKey) return;
        if (event.key.length === 1 && Date.now() < deaf) return event.preventDefault();
        const step = STEPS[key];
        if (step) {
          const other = beside(id, step);
          if (other) {
            if (event.shiftKey) [id, other].forEach(it => chosen.has(it) || choose(it, true));
            at.value = other;
            focus(other);
          }
        } else if (key === "Home" || key === "End") {
          const all = cards();
          at.value = (key === "Home" ? all[0] : all[all.length - 1]).dataset.card;
          focus(at.value);
        } else if (key === " ") choose(id);
        else if (control && key === "a") chooseAll();
        else if (key === "Enter" || key === "ContextMenu") showMenu(id, event.target);
        else if (!sorts && "mcpr".includes(key)) return;
        else if (key === "m") showMove(together(id), true);
        else if (key === "c") cluster(together(id));
        else if (key === "p") setAside(together(id));
        else if (key === "d" && sorts && together(id).length > 1) mergeChosen(together(id));
        else if (key === "d" && desk.get("idea", id).also) showTexts(id);
        else if (key === "r" && desk.placeOf(desk.get("idea", id))) rename(desk.placeOf(desk.get("idea", id)));
        else if (key === "u" || key === "z") desk.undo();
        else if (key === "Escape") chosen.clear();
        else return;
        event.preventDefault();
      }

      const below = from => {
        const { left, bottom } = from.getBoundingClientRect();
        return { x: left, y: bottom + 4 };
      };

      const then = go => () => {
        menu.value?.from.focus(); // whence a dialog takes the focus, and whereto it gives it back
        menu.value = null;
        go();
      };

      function showMenu(id, from) {
        const label = say("board.card-menu", { number: desk.get("idea", id).number });
        menu.value = { from, at: below(from), label, key: id, items: () => (desk.get("idea", id) ? menuItems(id) : null) };
      }

      function showClusterMenu(it, from, label) {
        menu.value = { from, at: below(from), label, key: it.id, items: () => (desk.get("cluster", it.id) ? clusterItems(it) : null) };
      }

      const show = fields => desk.act("Show", { screen: desk.steered.value, ...fields }, { what: say("did.show") });

      function clusterItems(it) {
        const inside = [...chosen].filter(id => desk.placeOf(desk.get("idea", id)) === it.id).length;
        const ids = (desk.placed.value.get(it.id) ?? []).map(idea => idea.id);
        if (!desk.may("MoveIdeas")) return [];
        return [
          [say("board.rename-do"), then(() => rename(it.id))],
          chosen.size && chosen.size > inside ? [say("board.move-here-do", { n: chosen.size - inside }), then(() => (desk.move([...chosen], it.id), chosen.clear()))] : null,
          inside ? [say("board.split-do", { n: inside }), then(() => splitOff(it))] : null,
          ids.length ? [say("board.select-all-do"), then(() => ids.forEach(id => chosen.add(id)))] : null,
          desk.clusters.value.length > 1 ? [say("board.merge-do"), then(() => (desk.open.value = { kind: "merge", cluster: it }))] : null,
          ids.length ? [say("board.cluster-aside-do"), then(() => desk.move(ids, ASIDE))] : null,
          desk.may("Show") ? [say("board.show-do"), then(() => show({ what: "cluster", cluster: it.id }))] : null,
          [say("board.dissolve-do"), then(() => dissolve(it))],
        ];
      }

      function showSort(from) {
        const items = () => ORDERS.map(name => [say(`board.sort-${name}`), then(() => (sortBy(name), nextTick(() => from.focus())))]);
        menu.value = { from, at: below(from), label: say("board.sort-do"), key: "sort", items };
      }

      function showTexts(id) {
        if (shownTexts.has(id)) shownTexts.delete(id);
        else shownTexts.add(id);
        const { number, also = [] } = desk.get("idea", id);
        desk.aloud.value = shownTexts.has(id) ? also.map(it => it.text ?? "").join(". ") : say("said.texts-folded", { number });
      }

      function menuItems(id) {
        const idea = desk.get("idea", id);
        const ids = together(id);
        const may = kind => desk.may(kind);
        return [
          sorts ? [say("board.move-do"), then(() => showMove(ids))] : null,
          sorts ? [ids.length > 1 ? say("board.new-from-selection-do") : say("board.new-cluster-do"), then(() => cluster(ids))] : null,
          !sorts ? null : desk.placeOf(idea) === ASIDE
            ? [say("board.bring-back-do"), then(() => desk.move(ids, null))]
            : [say("board.aside-do"), then(() => setAside(ids))],
          sorts && desk.placeOf(idea) && desk.placeOf(idea) !== ASIDE ? [say("board.move-off-do"), then(() => desk.move(ids, null))] : null,
          sorts && ids.length > 1 ? [say("board.same-do", { n: ids.length }), then(() => mergeChosen([id, ...ids.filter(it => it !== id)]))] : null,
          idea.also ? [say(shownTexts.has(id) ? "board.texts-fold-do" : "board.texts-do", { n: idea.also.length }), then(() => showTexts(id))] : null,
          sorts && idea.also ? [say("board.apart-do"), then(() => desk.splitIdeas(idea))] : null,
          !sorts ? null : [chosen.has(id) ? say("board.deselect-do") : say("board.select-do"), then(() => (chosen.has(id) ? chosen.clear() : choose(id, true)))],
          idea.source === "desk" && may("EditIdea") && (may("EraseIdea") || desk.isMine(id)) ? [say("desk.edit-do"), then(() => (desk.open.value = { kind: "edit", idea }))] : null,
          may("Show") && idea.state === "open" ? [say("board.show-do"), then(() => show({ what: "card", idea: id }))] : null,
          may("HideIdea") ? [say("desk.hide-do"), then(() => (desk.open.value = { kind: "hide", idea }))] : null,
          ...moderate(desk, idea, then),
          may("EraseIdea") ? [say("desk.erase-do"), then(() => (desk.open.value = { kind: "erase", idea })), "danger"] : null,
        ];
      }

      // --- drawing

      function drawCard(idea) {
        const column = columns.value.get(idea.column);
        return h(Card, {
          key: idea.id, desk, idea, column: column?.column, tint: (column?.i ?? 0) % 6,
          chosen: chosen.has(idea.id), first: first.value === idea.id, dragged: dragged.has(idea.id), shown: shownTexts.has(idea.id),
        });
      }

      function grid(ideas, label) {
        if (!ideas.length) return null;
        return h("div", { class: "cards", role: "grid", "aria-label": label, "aria-multiselectable": "true" }, ideas.map(drawCard));
      }

      function loosePane() {
        const label = say("board.unplaced", { n: loose.value.length });
        const all = [...columns.value.values()];
        const groups = all.length ? all.map(({ column }) => [column, loose.value.filter(idea => idea.column === column.id)]) : [];
        return h("section", { class: ["pane", "loose"], "data-pane": "", "data-drop": split.value ? "off:" : null, "aria-label": label }, [
          split.value ? h("h3", label) : null,
          !loose.value.length
            ? h("p", { class: "empty" }, desk.standing.value.length && split.value ? say("board.unplaced-none") : say("board.none"))
            : groups.length
              ? h("div", { class: split.value ? "" : "columns" }, groups.map(([column, ideas]) =>
                  h("div", { key: column.id, class: "column" }, [
                    h(split.value ? "h4" : "h3", say("column.count", { column: desk.text(column.title), n: ideas.length })),
                    grid(ideas, desk.text(column.title)),
                  ])))
              : grid(loose.value, label),
        ]);
      }

      const wide = window.matchMedia("(min-width: 1500px)");
      const isWide = ref(wide.matches);
      const resized = () => (isWide.value = wide.matches);
      onMounted(() => wide.addEventListener("change", resized));
      onBeforeUnmount(() => wide.removeEventListener("change", resized));

      // How many cards each cluster shows until it is unfolded.
      const showing = n => ((isWide.value ? WIDE : LAPTOP).find(([clusters]) => n <= clusters) ?? [0, 0])[1];
      const most = computed(() => (typed.value.trim() ? Infinity : showing(desk.clusters.value.length)));
      const many = computed(() => split.value && showing(desk.clusters.value.length) <= 1);
      const cardsIn = ({ id }) => (desk.placed.value.get(id) ?? []).filter(fits.value);
      const shown = ({ id }, ideas) => (unfolded.has(id) ? ideas : ideas.slice(0, most.value));
      const fold = id => (unfolded.has(id) ? unfolded.delete(id) : unfolded.add(id));

      function folding({ id }, n) {
        if (n <= most.value || many.value) return null;
        const open = unfolded.has(id);
        const word = open ? say("board.fold-do") : say("board.more-cards", { n: n - most.value });
        return button(word, () => fold(id), { kind: "small quiet wide", "aria-expanded": String(open) });
      }

      // How many cards there are; where headings are all that counts they unfold here.
      function count({ id }, n) {
        if (!many.value || n <= most.value) return h("span", { class: "muted", "aria-label": say("card.count", { n }), role: "img" }, String(n));
        return h("button", { type: "button", class: "cluster-fold", "aria-expanded": String(unfolded.has(id)), "aria-label": say("board.cluster-cards", { n }), onClick: () => fold(id) }, [
          String(n), icon(unfolded.has(id) ? "fold" : "unfold"),
        ]);
      }

      function foldAll() {
        const filled = desk.clusters.value.filter(({ id }) => (desk.placed.value.get(id)?.length ?? 0) > most.value).map(({ id }) => id);
        if (most.value === Infinity || !filled.length) return null;
        const open = filled.every(id => unfolded.has(id));
        return button(say(open ? "board.fold-all-do" : "board.unfold-all-do"), () => filled.forEach(id => (open ? unfolded.delete(id) : unfolded.add(id))), { kind: "small quiet" });
      }

      function clusterBox(cluster_) {
        const ideas = cardsIn(cluster_);
        const name = say("cluster.named", { letter: cluster_.letter, title: cluster_.title || say("board.untitled") });
        return h("section", {
          key: cluster_.id, class: ["cluster", { untitled: !cluster_.title }],
          "data-cluster": cluster_.id, "data-drop": `cluster:${cluster_.id}`, "aria-label": name,
        }, [
          h("div", { class: "cluster-head" }, [
            h("span", { class: "letter", "aria-hidden": "true" }, cluster_.letter),
            desk.may("RenameCluster") ? h(Title, { desk, cluster: cluster_, named, key: cluster_.id }) : h("h3", { dir: "auto" }, cluster_.title || say("board.untitled")),
            count(cluster_, ideas.length),
            sorts && h("button", {
              type: "button", class: "card-menu", "aria-haspopup": "menu", "aria-label": say("board.cluster-menu", { cluster: name }),
              onClick: event => showClusterMenu(cluster_, event.currentTarget, say("board.cluster-menu", { cluster: name })),
            }, icon("menu")),
          ]),
          ideas.length ? grid(shown(cluster_, ideas), name) : many.value ? null : h("p", { class: "empty" }, say("board.drop-here")),
          folding(cluster_, ideas.length),
        ]);
      }

      // The parking lot: what belongs nowhere, and is not lost.
      function asideBox() {
        const label = say("board.aside-count", { n: aside.value.length });
        return h("section", { class: ["cluster", "aside"], "data-drop": "aside:", "aria-label": label }, [
          h("h3", label),
          aside.value.length ? grid(aside.value, label) : many.value ? null : h("p", { class: "empty" }, say("board.aside-note")),
        ]);
      }

      function clusterPane() {
        return h("section", { class: ["pane", "clusters"], "data-pane": "", "data-drop": "new:", "aria-label": say("report.clusters") }, [
          desk.clusters.value.length > 1
            ? h("div", { class: "pane-head" }, [foldAll(), button(say("board.sort-do"), event => showSort(event.currentTarget), { kind: "small quiet", "aria-haspopup": "menu" })])
            : null,
          sorted.value.map(clusterBox),
          sorts && h("div", { class: ["cluster", "fresh"] },
            button(chosen.size ? say("board.new-from-selection-do") : say("board.new-cluster-do"), () => cluster([...chosen]), { icon: "plus", kind: "wide quiet" })),
          asideBox(),
        ]);
      }

      // Where a card can be dropped that a finger drags out of the list: there is no wall beside it.
      function places() {
        const place = (drop, name, letter, n) =>
          h("div", { key: drop, class: "place", "data-drop": drop }, [letter ? h("span", { class: "letter" }, letter) : null, h("span", { dir: "auto" }, name), n === undefined ? null : h("span", { class: "muted" }, String(n))]);
        return h("div", { class: "places", "data-pane": "", "aria-hidden": "true" }, [
          sorted.value.map(it => place(`cluster:${it.id}`, desk.clusterName(it), it.letter, desk.placed.value.get(it.id)?.length ?? 0)),
          place("new:", say("board.new-cluster-do")),
          place("off:", say("cluster.unplaced")),
          place("aside:", say("board.aside")),
        ]);
      }

      function choice(name) {
        return h("button", {
          type: "button", class: "button small", "aria-pressed": String(view.value === name),
          onClick: () => {
            looks.value = name;
            desk.memory.set("view", name);
            desk.aloud.value = say("said.view", { view: say(`board.${name}`) });
          },
        }, say(`board.${name}`));
      }

      function toolbar() {
        const boards = desk.all("board").sort((a, b) => (a.table ?? 0) - (b.table ?? 0));
        const peekable = board.value && !board.value.revealed && !board.value.peeked && desk.faceDown.value.length > 0;
        const strict = desk.current.value?.board === board.value?.id && desk.current.value?.settings?.strict;
        return h("div", { class: "toolbar" }, [
          props.narrow ? null : h("div", { class: "choices", role: "group", "aria-label": say("board.view") }, [choice("wall"), choice("list")]),
          boards.length > 1
            ? h("select", { class: "field board-choice", "aria-label": say("desk.board"), value: board.value?.id, onChange: event => (desk.chosen.value = event.target.value) },
                boards.map(it => h("option", { key: it.id, value: it.id }, desk.boardTitle(it))))
            : null,
          h("span", { class: "muted total" }, say("card.count", { n: desk.standing.value.length })),
          desk.may("FormClusters") ? button(say("suggest.open-do"), () => (desk.open.value = { kind: "suggest" }), { kind: "small quiet" }) : null,
          peekable && desk.may("Peek") ? (strict ? h("span", { class: "muted" }, say("desk.peek-strict")) : button(say("desk.peek-do"), () => (desk.open.value = { kind: "peek" }), { icon: "eye", kind: "small" })) : null,
          h("div", { class: "search" }, h(Field, { desk, keep: "search", label: say("board.search"), max: 80, hidesLabel: true, hint: say("board.search"), onText: text => (typed.value = text) })),
          props.narrow ? null : button(say("desk.keys-do"), () => (desk.open.value = { kind: "keys" }), { kind: "small quiet" }),
        ]);
      }

      // What can be done with the cards that are chosen, all at once.
      function selection() {
        if (!chosen.size || !desk.may("MoveIdeas")) return null;
        const ids = [...chosen];
        return h("div", { class: "toolbar selection", role: "group", "aria-label": say("board.selected", { n: ids.length }) }, [
          h("span", { class: "chosen-count" }, say("board.selected", { n: ids.length })),
          button(say("board.move-do"), () => showMove(ids), { kind: "small" }),
          button(say("board.new-cluster-do"), () => cluster(ids), { kind: "small", icon: "plus" }),
          button(say("board.aside-do"), () => setAside(ids), { kind: "small" }),
          ids.length > 1 ? button(say("board.same-do", { n: ids.length }), () => mergeChosen(ids), { kind: "small" }) : null,
          button(say("board.deselect-do"), () => chosen.clear(), { kind: "small quiet" }),
        ]);
      }

      function found() {
        if (!typed.value.trim()) return null;
        const n = desk.standing.value.filter(fits.value).length;
        return h("div", { class: "found" }, [
          h("p", { class: "muted", role: "status" }, say("board.found", { n })),
          n ? button(say("board.select-found-do", { n }), chooseAll, { kind: "small" }) : null,
        ]);
      }

      typed.value = desk.client.kept("search") ?? "";

      function closeMenu(back) {
        const from = menu.value?.from;
        menu.value = null;
        if (back) nextTick(() => from?.focus());
      }

      return () =>
        h("div", { class: ["board", { choosing: chosen.size > 0 }], ref: root, onClick, onKeydown }, [
          board.value ? toolbar() : null,
          board.value ? found() : null,
          !board.value
            ? null
            : view.value === "list"
              ? [
                  h(List, { desk, ideas: desk.standing.value.filter(fits.value), chosen, columns: columns.value, choose, showMove, showMenu, aside: ASIDE, narrow: props.narrow }),
                  dragged.size ? places() : null,
                ]
              : h("div", { class: ["wall", { split: split.value, many: many.value }] }, [loosePane(), split.value ? clusterPane() : null]),
          board.value ? selection() : null,
          menu.value?.items()
            ? h(Menu, { at: menu.value.at, key: menu.value.key, items: menu.value.items(), label: menu.value.label, close: closeMenu })
            : null,
        ]);
    },
  };
};
