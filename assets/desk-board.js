// The live board: a wall of cards and clusters or a list, with every move by drag, by menu and by keyboard.

import card from "./desk-card.js";
import { draggable } from "./desk-drag.js";
import keys from "./desk-keys.js";
import { lasso } from "./desk-lasso.js";
import list from "./desk-list.js";
import menus, { below } from "./desk-menu.js";
import moderation from "./desk-moderation.js";
import moves from "./desk-moving.js";
import parts from "./desk-parts.js";
import { ASIDE } from "./desk-store.js";
import wall from "./desk-wall.js";

const ORDERS = ["letter", "size", "votes", "newest"];

export default Vue => {
  const { h, computed, ref, shallowReactive, shallowRef, watch, nextTick, onMounted, onBeforeUnmount } = Vue;
  const { button, Field } = parts(Vue);
  const Card = card(Vue);
  const { menuItems: moderate } = moderation(Vue);
  const List = list(Vue);
  const Menu = menus(Vue);
  const makeWall = wall(Vue);

  return {
    props: { desk: Object, narrow: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const root = ref(null);
      const chosen = shallowReactive(new Set());
      const at = ref(null); // the card that Tab comes to
      const dragged = shallowReactive(new Set());
      const menu = shallowRef(null);
      const looks = ref(desk.memory.get("view") ?? "wall");
      const view = computed(() => (props.narrow ? "list" : looks.value));
      const typed = ref("");

      const board = computed(() => desk.board.value);
      const columns = computed(() => new Map((board.value?.columns ?? []).map((column, i) => [column.id, { column, i }])));
      const split = computed(() => desk.clusters.value.length > 0 || desk.aside.value.length > 0 || desk.current.value?.activity === "cluster");
      const fits = computed(() => {
        const text = typed.value.trim().toLowerCase();
        return text ? idea => (idea.text ?? "").replace(/\s+/g, " ").toLowerCase().includes(text) || String(idea.number) === text : () => true;
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

      const sorts = desk.may("MoveIdeas"); // else there is nothing to drag and nothing to press
      const moving = moves(Vue, { desk, root, chosen, at, loose });
      const { cards, focus, showMove, cluster, rename, setAside, splitOff, mergeChosen, dissolve } = moving;

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

      function chooseAll() {
        const found = desk.standing.value.filter(fits.value);
        found.forEach(idea => chosen.add(idea.id));
        desk.aloud.value = say("board.selected", { n: chosen.size });
      }

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

      const onKeydown = keys({ desk, root, chosen, at, sorts, together, choose, chooseAll, showMenu, showTexts, ...moving });

      // --- menus

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

      const { draw, drawn } = makeWall({
        desk, sorts, chosen, columns, split, sorted, loose, aside, fits, isSearching: () => Boolean(typed.value.trim()),
        drawCard, showClusterMenu, showSort, cluster, named: moving.named,
      });

      // Tab comes to a card that is drawn: what is folded away in its cluster is not.
      const first = computed(() => (drawn.value.some(idea => idea.id === at.value) ? at.value : drawn.value[0]?.id ?? null));

      // Where a card can be dropped that a finger drags out of the list: there is no wall beside it.
      function places() {
        const place = (drop, name, letter, n) =>
          h("div", { key: drop, class: "place", "data-drop": drop }, [letter ? h("span", { class: "letter", translate: "no" }, letter) : null, h("span", { dir: "auto" }, name), n === undefined ? null : h("span", { class: "muted" }, String(n))]);
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
          h("div", { class: "toolbar-find" }, [
            h("div", { class: "search" }, h(Field, { desk, keep: "search", label: say("board.search"), hidesLabel: true, hint: say("board.search"), onText: text => (typed.value = text) })),
            props.narrow ? null : button(say("desk.keys-do"), () => (desk.open.value = { kind: "keys" }), { kind: "small quiet" }),
          ]),
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
              : draw(),
          board.value ? selection() : null,
          menu.value?.items()
            ? h(Menu, { at: menu.value.at, key: menu.value.key, items: menu.value.items(), label: menu.value.label, close: closeMenu })
            : null,
        ]);
    },
  };
};
