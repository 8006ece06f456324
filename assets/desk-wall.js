// The wall of the board: cards that are not placed beside clusters and the parking lot, and how much each of them shows.

import parts from "./desk-parts.js";

// Up to so many clusters show so many of their cards, so that all headings can be seen and dropped on; more show none.
const WIDE = [[3, Infinity], [6, 3], [12, 1]];
const LAPTOP = [[3, Infinity], [6, 1]];

export default Vue => {
  const { h, computed, ref, shallowReactive, onMounted, onBeforeUnmount } = Vue;
  const { button, icon, Field } = parts(Vue);

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

  // `loose`, `aside` and `sorted` (clusters) are what is to be drawn; `fits(idea)` says which cards a search leaves.
  return ({ desk, sorts, chosen, columns, split, sorted, loose, aside, fits, isSearching, drawCard, showClusterMenu, showSort, cluster, named }) => {
    const { say } = desk;
    const unfolded = shallowReactive(new Set()); // clusters that show all their cards

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
    const most = computed(() => (isSearching() ? Infinity : showing(desk.clusters.value.length)));
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
        h("span", n), icon(unfolded.has(id) ? "fold" : "unfold"),
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
          h("span", { class: "letter", translate: "no", "aria-hidden": "true" }, cluster_.letter),
          desk.may("RenameCluster") ? h(Title, { desk, cluster: cluster_, named, key: cluster_.id }) : h("h3", { dir: "auto" }, cluster_.title || say("board.untitled")),
          count(cluster_, ideas.length),
          sorts
            ? h("button", {
                type: "button", class: "card-menu", "aria-haspopup": "menu", "aria-label": say("board.cluster-menu", { cluster: name }),
                onClick: event => showClusterMenu(cluster_, event.currentTarget, say("board.cluster-menu", { cluster: name })),
              }, icon("menu"))
            : null,
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
        sorts
          ? h("div", { class: ["cluster", "fresh"] },
              button(chosen.size ? say("board.new-from-selection-do") : say("board.new-cluster-do"), () => cluster([...chosen]), { icon: "plus", kind: "wide quiet" }))
          : null,
        asideBox(),
      ]);
    }

    const drawn = computed(() => [...loose.value, ...[].concat(...sorted.value.map(it => shown(it, cardsIn(it)))), ...aside.value]);
    const draw = () => h("div", { class: ["wall", { split: split.value, many: many.value }] }, [loosePane(), split.value ? clusterPane() : null]);

    return { draw, drawn };
  };
};
