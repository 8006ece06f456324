// A hand that is raised, and a table's call for help: one of each at a time, taken back by whoever raised it.

import { remember, tableOf } from "./tables.js";

export default Vue => ({
  props: ["room", "bar", "done"],
  setup(props) {
    const { h, ref } = Vue;
    const { room } = props;
    const { say, client } = room;
    const table = ref(tableOf(room));
    const wanted = ref(""); // what is on its way
    const mine = of => room.all("hand").find(hand => hand.of === of);

    async function raise(kind, of) {
      if (wanted.value || mine(of)) return;
      wanted.value = of;
      const code = table.value.trim();
      remember(room, code);
      const { ok, error } = await client.do(kind, code ? { table: code } : {});
      wanted.value = "";
      if (!ok) return room.announce(room.refusal(error));
      room.announce(say(of === "help" ? "hands.help-up" : "hands.up"));
      props.done?.();
    }

    async function lower(hand) {
      room.lowered = hand.id; // by oneself: nobody has seen to it
      const { ok, error } = await client.do("LowerHand", { hand: hand.id });
      room.announce(ok ? say("hands.down") : room.refusal(error));
    }

    const up = hand =>
      h("div", { class: "done", key: hand.id }, [
        h("p", say(hand.of === "help" ? "hands.help-up" : "hands.up")),
        h("button", { type: "button", onClick: () => lower(hand) }, say("hands.lower-do")),
      ]);

    const button = (kind, of, word) =>
      mine(of) ? null : h("button", { type: "button", class: of === "hand" ? "main" : "wide", onClick: () => raise(kind, of) }, say(word));

    return () =>
      props.bar
        ? room.all("hand").map(up)
        : [
            h("h1", { tabindex: -1 }, say("hands.title")),
            room.all("hand").map(up),
            mine("hand") && mine("help")
              ? null
              : [
                  h("label", { class: "label", for: "table" }, say("hands.table-label")),
                  h("input", { id: "table", maxlength: 20, autocomplete: "off", dir: "auto", value: table.value, onInput: event => (table.value = event.target.value) }),
                ],
            button("RaiseHand", "hand", "hands.raise-do"),
            button("CallHelp", "help", "hands.help-do"),
            h("p", { class: "hint" }, say("hands.how")),
            h("button", { type: "button", class: "wide", onClick: () => props.done() }, say("phone.back-do")),
          ];
  },
});
