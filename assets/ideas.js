// All ideas of a board, folded away at first. What comes while one reads waits behind a button: nothing jumps.

import { icon } from "./icons.js";

const QUIET = 20000; // ms until more cards are said again

export default Vue => ({
  props: ["room", "phase"],
  setup(props) {
    const { h, ref, watch } = Vue;
    const { room } = props;
    const { say } = room;
    const ideas = () => room.onBoard(props.phase.board);
    const ids = () => new Set(ideas().map(idea => idea.id));
    const comments = () => props.phase.settings.comments && ideas().some(idea => room.draft(`${props.phase.id}.comment.${idea.id}`).trim());
    const shown = ref(comments() ? ids() : null); // ids, or null while folded
    const show = () => (shown.value = ids());
    let said = -QUIET;

    const newer = () => (shown.value ? ideas().filter(idea => !shown.value.has(idea.id)).length : 0);

    watch(comments, begun => begun && (shown.value || show()));
    watch(newer, n => {
      if (!n || performance.now() - said < QUIET) return;
      said = performance.now();
      room.announce(say("board.more", { n }));
    });

    function talk(idea) {
      const { comments, plus_one } = props.phase.settings;
      return comments || plus_one ? room.part("talk", { phase: props.phase, idea, key: `talk/${idea.id}` }) : null;
    }

    return () => {
      const board = room.get("board", props.phase.board);
      const all = ideas();
      if (!all.length && board?.revealed === false) return h("p", { class: "hint" }, say("phone.all-private"));
      const columns = Object.fromEntries((board?.columns ?? []).map(it => [it.id, it.title]));
      const open = shown.value !== null;
      const fresh = newer();
      return h("section", { class: "all" }, [
        h("h2", [
          h(
            "button",
            {
              type: "button",
              class: "fold",
              "aria-expanded": String(open),
              onClick: () => (open ? (shown.value = null) : show()),
            },
            [h("span", say("phone.all", { n: all.length })), icon(h, "open")],
          ),
        ]),
        open
          ? h("ul", { class: "cards" }, all.filter(idea => shown.value.has(idea.id)).map(idea => card(h, room, idea, columns, talk(idea))))
          : null,
        open && !all.length ? h("p", { class: "hint" }, say("phone.all-none")) : null,
        fresh ? h("button", { type: "button", class: "wide", onClick: show }, say("board.more", { n: fresh })) : null,
      ]);
    };
  },
});

// Where a carried card comes from.
function origin(room, { board, of, table, mark, votes }) {
  const title = `${room.text(room.get("board", of ?? board)?.title)}${of ? `\u00a0${table}` : ""}`;
  return votes === undefined ? room.say("card.origin", { board: title, mark }) : room.say("card.origin-votes", { board: title, mark, n: votes });
}

// One idea as others read it.
export function card(h, room, idea, columns = {}, more = null, chosen = false, does = null) {
  return h("li", { key: idea.id, class: ["card", { chosen }] }, [
    room.wrote("p", idea, { class: "text" }),
    h("p", { class: "state" }, [
      h("span", { class: "number" }, room.say("card.number", { number: idea.number })),
      columns[idea.column] ? room.told("span", columns[idea.column], { class: "chip" }) : null,
      idea.author ? h("span", { dir: "auto" }, room.say("card.by", { name: idea.author })) : null,
      idea.origin && room.get("board", idea.origin.of ?? idea.origin.board) ? h("span", { dir: "auto" }, origin(room, idea.origin)) : null,
      does,
    ]),
    idea.also
      ? h("details", [h("summary", room.say("card.also", { n: idea.also.length })), idea.also.map(it => room.wrote("p", it, { key: it.id }))])
      : null,
    more,
  ]);
}
