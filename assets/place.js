// "Which cluster?": the choice for one card, wherever that card is drawn.

import { length } from "./write.js";

const LENGTH = 120; // characters of a title: core/text.py

// A move of this card that is on its way.
export const moving = (room, id) => room.outbox.filter(it => it.kind === "MoveIdea" && it.idea === id && it.status !== "failed").pop();

// The cluster that a card lies in, as far as this phone knows.
export function placed(room, idea) {
  const move = moving(room, idea.id);
  return (move ? move.cluster : idea.cluster) ?? null;
}

const NEW = "+";
const NONE = "-";

export default Vue => ({
  props: ["room", "idea", "board", "phase", "fresh"],
  setup(props) {
    const { h, ref, nextTick } = Vue;
    const { room } = props;
    const { client, say } = room;
    const open = ref(false); // it fits nowhere
    const naming = ref(false);
    const mistake = ref("");
    const key = () => `${props.phase}.title.${props.idea.id}`;
    const field = () => `cluster-title-${props.idea.id}`;

    async function move(cluster) {
      const { id } = props.idea;
      const answer = await client.do("MoveIdea", { idea: id, cluster }, { keep: true, lane: `move.${id}` });
      if (answer.ok) {
        room.announce(cluster ? say("place.done", { cluster: room.title(cluster) }) : say("place.left-open"));
      } else if (answer.error.key !== "replaced") {
        const failed = client.outbox.find(it => it.kind === "MoveIdea" && it.idea === id && it.status === "failed");
        if (failed) client.discard(failed.id);
        room.announce(room.refusal(answer.error));
      }
    }

    function choose(value) {
      naming.value = value === NEW;
      if (naming.value) {
        nextTick(() => document.getElementById(field())?.focus());
        return;
      }
      const cluster = value === NONE || !value ? null : value;
      open.value = !cluster;
      move(cluster);
    }

    async function form(event) {
      event.preventDefault();
      const fields = { title: room.draft(key()), ideas: [props.idea.id], board: props.board };
      const long = length(fields.title) - LENGTH;
      if (long > 0) return room.announce((mistake.value = say("idea.too-long", { n: long })));
      naming.value = false;
      room.write(key(), "");
      const answer = await room.wish("FormCluster", fields);
      if (answer.ok) return room.announce(say("place.done", { cluster: fields.title }));
      if (!room.draft(key())) room.write(key(), fields.title);
      room.announce((mistake.value = room.refusal(answer.error)));
    }

    return () => {
      const { idea, fresh } = props;
      const now = placed(room, idea) ?? (open.value ? NONE : "");
      const option = (value, label) => h("option", { value, selected: value === now, key: value }, label);
      return [
        h(
          "select",
          { "aria-label": say("place.for", { text: idea.text }), value: now, onChange: event => choose(event.target.value) },
          [
            fresh ? option("", say("board.move-do")) : option("", say("place.choose")),
            room.clusters(props.board).map(it => option(it.id, `${it.letter} · ${room.title(it.id)}`)),
            fresh ? option(NEW, say("place.new-do")) : null,
            fresh && !placed(room, idea) ? null : option(NONE, say(fresh ? "board.move-off-do" : "place.none-fits-do")),
          ],
        ),
        naming.value || (fresh && room.draft(key()).trim())
          ? h("form", { onSubmit: form }, [
              h("label", { for: field(), class: "label" }, say("place.new-label")),
              h("input", { id: field(), value: room.draft(key()), dir: "auto", "aria-invalid": mistake.value ? "true" : null, onInput: event => ((mistake.value = ""), room.write(key(), event.target.value)) }),
              mistake.value ? h("p", { class: "alert" }, mistake.value) : null,
              h("button", { class: "main" }, say("place.create-do")),
            ])
          : null,
        ["waiting", "sending"].includes(moving(room, idea.id)?.status) ? h("p", { class: "hint" }, say("own.sending")) : null,
      ];
    };
  },
});
