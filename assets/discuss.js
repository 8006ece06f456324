// The voted items one after another: the current one large, with its note where notes are shown.

export default Vue => ({
  props: ["room", "phase"],
  setup(props) {
    const { h } = Vue;
    return () => {
      const { room, phase } = props;
      const { items = [], item = null } = phase.doing ?? {};
      const note = id => room.get("note", `${phase.id}/${id}`);
      const notes = id => (note(id) ? h("p", { class: "note", dir: "auto" }, note(id).text) : null);
      const rest = items.filter(id => id !== item);
      return [
        item
          ? h("section", { class: "card large" }, [
              h("p", { class: "hint" }, room.say("discuss.item", { i: items.indexOf(item) + 1, n: items.length })),
              room.titled("h2", item),
              h("ul", room.onBoard(phase.board).filter(it => it.cluster === item).map(it => room.wrote("li", it, { key: it.id }))),
              notes(item),
            ])
          : null,
        items.length ? null : h("p", { class: "hint" }, room.say("discuss.none")),
        h("ol", { class: "cards" }, rest.map(id => h("li", { key: id, class: "card" }, [room.titled("p", id, { class: "text" }), notes(id)]))),
      ];
    };
  },
});
