// One's place in a group, what comes next for it, and what the group chooses to bring along.

import { icon } from "./icons.js";
import { card } from "./ideas.js";
import { comesOf, groupName, remember, tableOf } from "./tables.js";

const FEW = 3; // cards for every group that are not folded away

export default Vue => {
  const { h, ref, watch } = Vue;

  // The code of one's table: from the card that stands on it.
  const Table = {
    props: ["room", "phase", "sit", "wrong"],
    setup(props) {
      const { room } = props;
      const { say } = room;
      const code = ref(tableOf(room));
      const again = ref(false);

      async function submit(event) {
        event.preventDefault();
        again.value = !(await props.sit(code.value.trim()));
      }

      return () =>
        mine(room, props.phase) && !again.value
          ? h("button", { type: "button", class: "quiet", onClick: () => (again.value = true) }, say("group.other-table-do"))
          : h("form", { onSubmit: submit }, [
              h("label", { for: "table", class: "label" }, say("group.table-label")),
              h("input", { id: "table", maxlength: 12, autocomplete: "off", value: code.value, onInput: event => (code.value = event.target.value) }),
              props.wrong ? h("p", { class: "alert" }, props.wrong) : null,
              h("button", { class: "main" }, say("group.table-do")),
            ]);
    },
  };

  const Place = {
    props: ["room", "phase"],
    setup(props) {
      const { room } = props;
      const { say } = room;
      const wrong = ref("");
      const busy = ref(false);
      const byTable = () => props.phase.settings.groups.by === "table";

      // `table` is "" where it is still missing.
      async function sit(table) {
        if (!table) return void room.announce((wrong.value = say("error.group.first")));
        busy.value = true;
        const { ok, error } = await room.wish("JoinGroup", { phase: props.phase.id, group: table });
        busy.value = false;
        if (!ok) return void room.announce((wrong.value = room.refusal(error)));
        wrong.value = "";
        remember(room, table);
        return true;
      }

      // Whoever scans the card of a table sits down there. A page that is loaded again is no card that is scanned
      // again, so that somebody who was moved stays where they are; the browser's history knows the one from the other.
      function arrive() {
        const { table } = room.about;
        if (!table || !room.state.you || room.session?.phase !== props.phase.id || !fromTables(room, props.phase)) return;
        const isScanned = history.state?.table !== table;
        if (!isScanned && (!byTable() || mine(room, props.phase))) return;
        history.replaceState({ ...history.state, table }, "");
        sit(table);
      }

      watch([() => room.state.you?.id, () => props.phase.id], arrive, { immediate: true });

      function lead(group, board) {
        const table = board?.code ?? board?.table;
        const isAtTable = props.phase.groups.rotate || next()?.rotate || (table && ![group.name, group.number].includes(table));
        return [
          h("strong", byTable() ? say("group.table", { table: group.name }) : groupName(room, group)),
          isAtTable && table && !byTable() ? h("span", ` · ${say("group.at-table", { n: table })}`) : null,
        ];
      }

      function people(group, seat) {
        const place = seat ? say("group.seat", { seat: `${group.number}-${seat.seat}` }) : "";
        return `${say("group.people", { n: group.people })} ${place}`;
      }

      const next = () => comesOf(room.all("phase"), props.phase);
      const isAlone = group => props.phase.settings.groups.size === 1 && group.people === 1;

      // What becomes of the group when the phase is over.
      function then(group, stays) {
        const to = next();
        const way = ["rotate", "merge", "back", "by"].find(it => to?.[it]);
        if (!way || (way === "rotate" && stays)) return null;
        return h("p", { class: "hint" }, say(`group.next.${way === "merge" && isAlone(group) ? "together" : way}`, { n: to.merge ?? 0 }));
      }

      async function stay(wanted) {
        const { ok, error } = await room.wish("StayAsHost", { phase: props.phase.id, stay: wanted });
        room.announce(ok ? say(wanted ? "group.host-stays" : "group.host-goes") : room.refusal(error));
      }

      function host(group, seat) {
        const most = next()?.hosts ?? 0;
        if (seat.stays) {
          return [
            h("p", { class: "done" }, say(hasMoved() ? "group.host-tells" : "group.host-stays")),
            most ? button(false, "group.host-go-do") : null,
          ];
        }
        if (group.hosts) return hasMoved() ? null : h("p", { class: "hint" }, say("group.host-there"));
        return most ? button(true, "group.host-do") : null;
      }

      const hasMoved = () => Boolean(props.phase.settings.groups.rotate);
      const button = (wanted, key) => h("button", { type: "button", class: "quiet", onClick: () => stay(wanted) }, say(key));

      // What was carried to the phase lies on the board of all, and every group works with it.
      function given() {
        const { board } = room.client.get("phase", props.phase.id);
        const cards = board === props.phase.board ? [] : room.onBoard(board);
        if (!cards.length) return null;
        return h("details", { class: "given", open: cards.length <= FEW }, [
          h("summary", say("group.given", { n: cards.length })),
          h("ul", { class: "cards" }, cards.map(idea => card(h, room, idea))),
        ]);
      }

      return () => {
        const group = mine(room, props.phase);
        const table = byTable() && !(busy.value && !group) ? h(Table, { room, phase: props.phase, sit, wrong: wrong.value, key: "table" }) : null;
        if (!group) return table ?? h("p", { class: "hint" }, busy.value ? say("group.sitting", { table: tableOf(room) }) : say("group.waiting"));
        const seat = room.get("seat", "seat");
        const place = h("div", { class: "group" }, [
          isAlone(group)
            ? h("p", { class: "lead" }, h("strong", say("group.alone")))
            : [h("p", { class: "lead" }, lead(group, room.get("board", group.board))), h("p", { class: "hint" }, people(group, seat))],
          hasMoved() && group.hosts && !seat?.stays ? h("p", { class: "hint" }, say("group.host-here")) : null,
          then(group, seat?.stays),
          seat ? host(group, seat) : null,
          table,
        ]);
        return [place, given()];
      };
    },
  };

  const Choice = {
    props: ["room", "phase"],
    setup(props) {
      const { room } = props;
      const { say } = room;

      const choose = (idea, chosen) => async () => {
        const { ok, error } = await room.wish("ChooseIdea", { idea: idea.id, chosen }, `choose/${idea.id}`);
        room.announce(ok ? say(chosen ? "group.chosen" : "group.not-chosen", { number: idea.number }) : room.refusal(error));
      };

      const button = idea =>
        h("button", {
          type: "button",
          "aria-pressed": String(Boolean(idea.chosen)),
          "aria-label": `${say(idea.chosen ? "group.chosen-do" : "group.choose-do")}: ${idea.text ?? ""}`,
          onClick: choose(idea, !idea.chosen),
        }, [idea.chosen ? icon(h, "check") : null, h("span", say(idea.chosen ? "group.chosen-do" : "group.choose-do"))]);

      function talk(idea) {
        const { comments, plus_one } = props.phase.settings;
        return comments || plus_one ? room.part("talk", { phase: props.phase, idea, key: `talk/${idea.id}` }) : null;
      }

      return () => {
        const group = mine(room, props.phase);
        const most = props.phase.settings.groups.choose;
        const cards = group && most ? room.onBoard(group.board) : [];
        if (!cards.length) return null;
        const n = cards.filter(idea => idea.chosen).length;
        const columns = Object.fromEntries((room.get("board", group.board)?.columns ?? []).map(it => [it.id, it.title]));
        return h("section", { class: "all" }, [
          h("h2", say("group.choose", { n, most })),
          h("ul", { class: "cards" }, cards.map(idea => card(h, room, idea, columns, talk(idea), Boolean(idea.chosen), button(idea)))),
        ]);
      };
    },
  };

  // `shows`: the "place" in a group stands before what there is to do, the "choice" of cards behind it.
  return props => h(props.shows === "choice" ? Choice : Place, { room: props.room, phase: props.phase });
};

const mine = (room, phase) => room.all("group").find(it => it.phase === phase.id) ?? null;

// Whether the groups of this phase are tables, or were when they were formed.
function fromTables(room, phase) {
  const formed = room.all("phase").filter(it => it.order <= phase.order && it.groups?.by && (it.state !== "planned" || it.id === phase.id));
  return formed.length > 0 && formed[formed.length - 1].groups.by === "table";
}
