// One card on the desk's wall. It draws anew only when its own record or its own marks change.

import parts from "./desk-parts.js";

export default Vue => {
  const { h } = Vue;
  const { icon } = parts(Vue);

  return {
    props: { desk: Object, idea: Object, column: Object, tint: Number, chosen: Boolean, first: Boolean, dragged: Boolean, shown: Boolean },
    setup(props) {
      const { say, text } = props.desk;

      function words(idea) {
        if (idea.text === null) return h("span", { class: "card-back" }, say("card.face-down", { number: idea.number }));
        return h("span", { class: "card-text", lang: idea.lang || null, dir: "auto" }, idea.text);
      }

      function origin({ board, mark, votes }) {
        const from = props.desk.get("board", board);
        const title = from ? props.desk.boardTitle(from) : "";
        return votes === undefined ? say("card.origin", { board: title, mark }) : say("card.origin-votes", { board: title, mark, n: votes });
      }

      // A duplicate that lies on this card.
      const also = it =>
        h("li", { key: it.id }, [
          h("span", { class: "number" }, `${it.number} `),
          h("span", { lang: it.lang || null, dir: "auto" }, it.text ?? say("card.face-down", { number: it.number })),
          it.author ? h("span", { class: "muted" }, ` ${say("card.by", { name: it.author })}`) : null,
        ]);

      // What others say to it, and what the words themselves may say.
      function foot(idea) {
        const agree = props.desk.get("pluses", idea.id)?.n;
        const comments = props.desk.commented.get(idea.id);
        const flagged = props.desk.isFlagged(idea.text);
        if (!agree && !comments && !flagged) return null;
        return h("span", { class: "card-foot" }, [
          flagged ? h("span", { class: "chip flagged" }, [icon("eye"), h("span", say("desk.flagged"))]) : null,
          agree ? h("span", { class: "chip" }, say("plus.count", { n: agree })) : null,
          comments ? h("span", { class: "chip" }, say("comment.count", { n: comments })) : null,
        ]);
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
            foot(idea),
            idea.also ? h("button", { type: "button", class: "card-also", "data-also": "", tabindex: first ? 0 : -1, "aria-expanded": String(props.shown) }, say("card.also", { n: idea.also.length })) : null,
            idea.also && props.shown ? h("ul", { class: "card-texts" }, idea.also.map(also)) : null,
            idea.origin ? h("span", { class: "muted card-origin", dir: "auto" }, origin(idea.origin)) : null,
            idea.author ? h("span", { class: "muted" }, say("card.by", { name: idea.author })) : null,
          ]));
      };
    },
  };
};
