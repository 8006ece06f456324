// One card on the desk's wall. It draws anew only when its own record or its own marks change.

import parts from "./desk-parts.js";

export default Vue => {
  const { h } = Vue;
  const { icon } = parts(Vue);

  return {
    props: { desk: Object, idea: Object, column: Object, tint: Number, chosen: Boolean, first: Boolean, dragged: Boolean },
    setup(props) {
      const { say, text } = props.desk;

      function words(idea) {
        if (idea.text === null) return h("span", { class: "card-back" }, say("card.face-down", { number: idea.number }));
        return h("span", { class: "card-text", lang: idea.lang || null, dir: "auto" }, idea.text);
      }

      return () => {
        const { idea, column, chosen, first } = props;
        const down = idea.state === "face-down";
        return h("div", { role: "row" },
          h("div", {
            role: "gridcell",
            class: ["card", column ? `tint-${props.tint}` : "", { down, chosen, dragged: props.dragged }],
            "data-card": idea.id,
            tabindex: first ? 0 : -1,
            "aria-selected": String(chosen),
          }, [
            h("span", { class: "card-head" }, [
              h("span", { class: "card-grip", "data-grip": "", "aria-hidden": "true" }, icon("grip")),
              h("span", { class: "number" }, idea.number),
              column ? h("span", { class: "chip chip-column" }, text(column.title)) : null,
              down && idea.text !== null ? h("span", { class: "chip" }, say("desk.down")) : null,
              h("button", {
                type: "button",
                class: "card-menu",
                "data-menu": "",
                tabindex: first ? 0 : -1,
                "aria-haspopup": "menu",
                "aria-label": say("board.card-menu", { number: idea.number }),
              }, icon("menu")),
            ]),
            words(idea),
            idea.author ? h("span", { class: "muted" }, say("card.by", { name: idea.author })) : null,
          ]));
      };
    },
  };
};
