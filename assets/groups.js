// One's place in a group, and what the group chooses to bring along.

import { icon } from "./icons.js";

export default Vue => {
  const { h, ref } = Vue;

  // The code of one's table: from the card that stands on it.
  const Table = {
    props: ["room", "phase"],
    setup(props) {
      const { room } = props;
      const { say } = room;
      const code = ref("");
      const wrong = ref("");
      const again = ref(false);

      async function sit(event) {
        event.preventDefault();
        if (!code.value.trim()) return void room.announce((wrong.value = say("error.group.first")));
        const { ok, error } = await room.wish("JoinGroup", { phase: props.phase.id, group: code.value });
        again.value = !ok;
        if (ok) wrong.value = "";
        else room.announce((wrong.value = room.refusal(error)));
      }

      return () => {
        const group = mine(room, props.phase);
        if (group && !again.value) {
          return h("button", { type: "button", class: "quiet", onClick: () => (again.value = true) }, say("group.other-table-do"));
        }
        return h("form", { onSubmit: sit }, [
          h("label", { for: "table", class: "label" }, say("group.table-label")),
          h("input", { id: "table", maxlength: 12, autocomplete: "off", value: code.value, onInput: event => (code.value = event.target.value) }),
          wrong.value ? h("p", { class: "alert" }, wrong.value) : null,
          h("button", { class: "main" }, say("group.table-do")),
        ]);
      };
    },
  };

  // `shows`: the "place" in a group stands before what there is to do, the "choice" of cards behind it.
  return {
    props: ["room", "phase", "shows"],
    setup(props) {
      const { room } = props;
      const { say } = room;

      function place() {
        const group = mine(room, props.phase);
        const by = props.phase.settings.groups.by;
        const table = by === "table" ? h(Table, { room, phase: props.phase, key: "table" }) : null;
        if (!group) return table ?? h("p", { class: "hint" }, say("group.waiting"));
        const seat = room.get("seat", "seat");
        const board = room.get("board", group.board);
        const moves = props.phase.settings.groups.rotate || (board && board.table !== group.number);
        return h("div", { class: "group" }, [
          h("p", { class: "lead" }, [
            h("strong", groupName(room, group)),
            moves && board ? ` · ${say("group.at-table", { n: board.table })}` : "",
          ]),
          h("p", { class: "hint" }, say("group.people", { n: group.people }) + (seat ? ` ${say("group.seat", { seat: `${group.number}-${seat.seat}` })}` : "")),
          table,
        ]);
      }

      const choose = (idea, chosen) => async () => {
        const { ok, error } = await room.wish("ChooseIdea", { idea: idea.id, chosen }, `choose/${idea.id}`);
        room.announce(ok ? say(chosen ? "group.chosen" : "group.not-chosen", { number: idea.number }) : room.refusal(error));
      };

      function choice() {
        const group = mine(room, props.phase);
        const most = props.phase.settings.groups.choose;
        const cards = group && most ? room.onBoard(group.board) : [];
        if (!cards.length) return null;
        const n = cards.filter(idea => idea.chosen).length;
        return h("section", { class: "all" }, [
          h("h2", say("group.choose", { n, most })),
          h("ul", { class: "cards" }, cards.map(idea =>
            h("li", { key: idea.id, class: "card" }, [
              room.wrote("p", idea, { class: "text" }),
              h("p", { class: "state" }, [h("span", { class: "number" }, say("card.number", { number: idea.number }))]),
              h("button", {
                type: "button",
                "aria-pressed": String(Boolean(idea.chosen)),
                "aria-label": `${say(idea.chosen ? "group.chosen-do" : "group.choose-do")}: ${idea.text ?? ""}`,
                onClick: choose(idea, !idea.chosen),
              }, [idea.chosen ? icon(h, "check") : null, say(idea.chosen ? "group.chosen-do" : "group.choose-do")]),
            ]),
          )),
        ]);
      }

      return () => (props.shows === "choice" ? choice() : place());
    },
  };
};

const mine = (room, phase) => room.all("group").find(it => it.phase === phase.id) ?? null;

// "Group 3", or what its table is called.
export function groupName(room, group) {
  return group.name ? room.say("group.named", { name: group.name }) : room.say("group.number", { n: group.number });
}
