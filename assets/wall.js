// The board on the screen, in pages that always fit: clusters with their first cards, or cards in a grid of 6, 12 or 15.

const STEPS = [
  { size: 6, columns: 3, letters: 190, lines: 6, word: 24 },
  { size: 12, columns: 4, letters: 95, lines: 4, word: 20 },
  { size: 15, columns: 5, letters: 72, lines: 4, word: 15 },
];
const NARROW = [
  { size: 6, columns: 3, letters: 130, lines: 6, word: 16 },
  { size: 12, columns: 4, letters: 66, lines: 4, word: 13 },
];
const TWO = { size: 2, columns: 2, letters: 400, lines: 9, word: 16 }; // the largest: for whoever zooms in further
const CLUSTERS = 6;
const widest = text => Math.max(0, ...text.split(/[\s-]+/).map(part => part.length)); // letters of the longest word
const FIRST = 5; // cards drawn of a cluster at most, twice as many where one row is enough; only whole ones are seen
const isNarrow = () => innerWidth / innerHeight < 1.5;

// [{kind: "clusters" | "cards", items, grid}]; at least one page.
// `zoom` 2 or 3: fewer and larger; `only`: the cards of one cluster.
export function pages(room, board, withClusters, withEmpty, zoom = 1, only = null) {
  const ideas = room.onBoard(board).filter(idea => !only || idea.cluster === only);
  const filled = id => ideas.filter(idea => idea.cluster === id);
  const clusters = withClusters ? room.clusters(board).filter(it => withEmpty || filled(it.id).length) : [];
  const known = new Set(clusters.map(it => it.id));
  const groups = clusters.map(it => ({ ...it, ideas: filled(it.id) }));
  const found = sliced(groups, CLUSTERS / zoom).map(items => ({ kind: "clusters", items }));
  const rest = ideas.filter(idea => !known.has(idea.cluster));
  const aside = withClusters ? rest.filter(idea => idea.aside) : [];
  const alone = rest.filter(idea => !aside.includes(idea));
  const grid = gridFor(alone, zoom);
  const label = known.size ? "cluster.unplaced" : null;
  const last = gridFor(aside, zoom);
  return [
    ...found,
    ...sliced(alone, grid.size).map(items => ({ kind: "cards", items, grid, label })),
    ...sliced(aside, last.size).map(items => ({ kind: "cards", items, grid: last, label: "board.aside" })),
  ];
}

// The widest grid that the number asks for and nearly all texts fit into: it changes in these steps only.
function gridFor(ideas, zoom) {
  const steps = isNarrow() ? NARROW : STEPS;
  const wanted = steps.findIndex(step => ideas.length <= step.size);
  let at = wanted < 0 ? steps.length - 1 : wanted;
  const long = step => ideas.filter(idea => taken(idea.text ?? "", step) > step.letters).length;
  // Where there are many pages anyway, some long cards end in dots: they can be read in full on the phones.
  const most = ideas.length / (ideas.length > 30 ? 3 : 10);
  while (at > 0 && long(steps[at]) > most) at--;
  return steps[at - zoom + 1] ?? TWO;
}

// The room that a text takes (letters): all of its lines but the last are filled up.
function taken(text, { letters, lines }) {
  const line = letters / lines;
  return text.split("\n").reduce((sum, part) => Math.ceil(sum / line) * line + part.length, 0);
}

function sliced(list, size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

export default Vue => ({
  props: ["room", "board", "page"],
  setup(props) {
    const { h } = Vue;
    const column = idea => {
      const columns = props.room.get("board", props.board)?.columns ?? [];
      const i = columns.findIndex(it => it.id === idea.column);
      return i < 0 ? null : { n: (i % 6) + 1, title: columns[i].title };
    };
    const card = idea => {
      const it = column(idea);
      const wordy = widest(idea.text ?? "") > props.page.grid.word;
      return h("li", { key: idea.id, class: ["card", it ? `tint-${it.n}` : "", { wordy, lengthy: (idea.text ?? "").length > 150 }] }, [
        h("p", { class: "label" }, [
          h("span", idea.number),
          idea.also ? h("span", ` · ${props.room.say("card.also", { n: idea.also.length })}`) : null,
          it ? [h("span", " · "), props.room.told("span", it.title)] : null,
        ]),
        props.room.wrote("p", idea, { class: "text" }),
      ]);
    };
    const cluster = (it, n) =>
      h("li", { key: it.id, class: "cluster" }, [
        h("h2", [
          h("span", { class: "letter", translate: "no" }, it.letter),
          props.room.titled("span", it.id, { class: "name" }),
          h("span", { class: "count" }, it.ideas.length),
        ]),
        h("ul", it.ideas.slice(0, n).map(idea => props.room.wrote("li", idea, { key: idea.id }))),
      ]);
    return () => {
      const { room, page } = props;
      if (page.kind === "clusters") {
        const few = page.items.length < 4;
        return h("ul", { class: ["clusters", { few, four: page.items.length === 4 }] }, page.items.map(it => cluster(it, few ? 2 * FIRST : FIRST)));
      }
      return [
        page.label ? h("p", { class: "label" }, room.say(page.label)) : null,
        h("ul", { class: ["wall", `g${page.grid.size}`] }, page.items.map(card)),
      ];
    };
  },
});
