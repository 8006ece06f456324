// All ideas of a board, folded away at first. What comes while one reads waits behind a button: nothing jumps.

import { icon } from "./icons.js";

export default Vue => ({
  props: ["room", "phase"],
  setup(props) {
    const { h, ref, watch } = Vue;
    const { room } = props;
    const { say } = room;
    const shown = ref(null); // ids, or null while folded
    let said = 0;

    const ideas = () => room.onBoard(props.phase.board);
    const show = () => (shown.value = new Set(ideas().map(idea => idea.id)));
    const newer = () => (shown.value ? ideas().filter(idea => !shown.value.has(idea.id)).length : 0);

    watch(newer, n => {
      if (!n || Date.now() - said < 20000) return;
      said = Date.now();
      room.announce(say("board.more", { n }));
    });

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
          ? h("ul", { class: "cards" }, all.filter(idea => shown.value.has(idea.id)).map(idea => card(h, room, idea, columns)))
          : null,
        open && !all.length ? h("p", { class: "hint" }, say("phone.all-none")) : null,
        fresh ? h("button", { type: "button", class: "wide", onClick: show }, say("board.more", { n: fresh })) : null,
      ]);
    };
  },
});

// One idea as others read it.
export function card(h, room, idea, columns = {}, more = null) {
  return h("li", { key: idea.id, class: "card" }, [
    room.wrote("p", idea, { class: "text" }),
    h("p", { class: "state" }, [
      h("span", { class: "number" }, room.say("card.number", { number: idea.number })),
      columns[idea.column] ? room.told("span", columns[idea.column], { class: "chip" }) : null,
      idea.author ? h("span", { dir: "auto" }, room.say("card.by", { name: idea.author })) : null,
    ]),
    more,
  ]);
}
