// Ideas are put together: each phone places its own cards, everybody sorts, or the facilitators do while all read.

import { card } from "./ideas.js";

const NEW = "+";
const NONE = "-";

export default Vue => ({
  props: ["room", "phase"],
  setup(props) {
    const { h, ref, nextTick } = Vue;
    const { room } = props;
    const { client, say } = room;
    const open = ref(new Set()); // own cards that fit nowhere
    const naming = ref(null); // the card for which a cluster is being named
    const title = ref("");

    const pending = id => room.outbox.filter(it => it.kind === "MoveIdea" && it.idea === id && it.status !== "failed").pop();
    const placed = idea => {
      const move = pending(idea.id);
      return (move ? move.cluster : idea.cluster) ?? null;
    };

    async function move(idea, cluster) {
      const answer = await client.do("MoveIdea", { idea, cluster }, { keep: true, lane: `move.${idea}` });
      if (answer.ok) {
        room.announce(cluster ? say("place.done", { cluster: room.title(cluster) }) : say("place.left-open"));
      } else if (answer.error.key !== "replaced") {
        const failed = client.outbox.find(it => it.kind === "MoveIdea" && it.idea === idea && it.status === "failed");
        if (failed) client.discard(failed.id);
        room.announce(room.refusal(answer.error));
      }
    }

    function choose(idea, value) {
      naming.value = null;
      if (value === NEW) {
        naming.value = idea.id;
        nextTick(() => document.getElementById("cluster-title")?.focus());
        return;
      }
      const cluster = value === NONE || !value ? null : value;
      open.value = new Set([...open.value].filter(id => id !== idea.id).concat(cluster ? [] : [idea.id]));
      move(idea.id, cluster);
    }

    async function form(event, idea) {
      event.preventDefault();
      const fields = { title: title.value, ideas: [idea.id], board: props.phase.board };
      naming.value = null;
      title.value = "";
      const answer = await client.do("FormCluster", fields, { keep: true });
      room.announce(answer.ok ? say("place.done", { cluster: fields.title }) : room.refusal(answer.error));
    }

    function chooser(idea, clusters, { fresh = false } = {}) {
      const now = placed(idea) ?? (open.value.has(idea.id) ? NONE : "");
      const option = (value, label) => h("option", { value, selected: value === now, key: value }, label);
      return [
        h(
          "select",
          {
            "aria-label": say("place.for", { text: idea.text }),
            value: now,
            onChange: event => choose(idea, event.target.value),
          },
          [
            fresh ? option("", say("board.move-do")) : option("", say("place.choose")),
            clusters.map(it => option(it.id, `${it.letter} · ${room.title(it.id)}`)),
            fresh ? option(NEW, say("place.new-do")) : null,
            fresh && !placed(idea) ? null : option(NONE, say(fresh ? "board.move-off-do" : "place.none-fits-do")),
          ],
        ),
        naming.value === idea.id
          ? h("form", { onSubmit: event => form(event, idea) }, [
              h("label", { for: "cluster-title", class: "label" }, say("place.new-label")),
              h("input", {
                id: "cluster-title",
                maxlength: 120,
                value: title.value,
                dir: "auto",
                onInput: event => (title.value = event.target.value),
              }),
              h("button", { class: "main" }, say("place.create-do")),
            ])
          : null,
        ["waiting", "sending"].includes(pending(idea.id)?.status) ? h("p", { class: "hint" }, say("own.sending")) : null,
      ];
    }

    function own(clusters) {
      const cards = room.own().filter(it => it.board === props.phase.board && it.text && it.number);
      const done = cards.length && cards.every(it => placed(it));
      return [
        h("h2", say("place.own")),
        clusters.length ? null : h("p", { class: "hint" }, say("place.none")),
        cards.length ? null : h("p", { class: "hint" }, say("place.no-own")),
        h("ul", { class: "cards" }, cards.map(it => card(h, room, it, {}, clusters.length ? chooser(it, clusters) : null))),
        done ? h("p", { class: "done" }, say("place.all-done")) : null,
      ];
    }

    function groups(clusters, ideas, more, heading = "h2") {
      const group = (id, cards, letter) =>
        h("section", { key: id, class: "cluster" }, [
          h(heading, [letter ? h("span", { class: "letter" }, letter) : null, id ? room.titled("span", id) : h("span", say("cluster.unplaced"))]),
          h("p", { class: "hint" }, say("card.count", { n: cards.length })),
          h("ul", { class: "cards" }, cards.map(it => card(h, room, it, {}, more?.(it)))),
        ]);
      const ids = new Set(clusters.map(it => it.id));
      const alone = ideas.filter(it => !ids.has(placed(it)));
      return [
        clusters.map(it => group(it.id, ideas.filter(idea => placed(idea) === it.id), it.letter)),
        alone.length ? group("", alone) : null,
      ];
    }

    return () => {
      const { board, settings, state } = props.phase;
      const clusters = room.clusters(board);
      const ideas = room.onBoard(board);
      const isOpen = ["waiting", "open"].includes(state) && !room.get("board", board)?.locked;
      if (settings.who === "own" && isOpen) return [own(clusters), groups(clusters, ideas, null, "h3")];
      if (settings.who === "everyone" && isOpen) {
        return groups(clusters, ideas, idea => chooser(idea, clusters, { fresh: true }));
      }
      return [h("p", { class: "lead" }, say("place.watch")), groups(clusters, ideas)];
    };
  },
});
