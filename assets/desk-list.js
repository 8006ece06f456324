// The board as a table: number, text, column, cluster, menu. The way for a screen reader, a small window, a finger.
// On a phone the cluster stands below the text; a finger drags a row by its grip.

import parts from "./desk-parts.js";

export default Vue => {
  const { h } = Vue;
  const { icon } = parts(Vue);

  const Row = {
    props: { desk: Object, idea: Object, cluster: Object, column: Object, chosen: Boolean, columns: Boolean, isAside: Boolean, narrow: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;

      function place({ idea, cluster, isAside }) {
        if (!desk.may("MoveIdeas")) return cluster ? desk.clusterName(cluster) : "";
        const place = cluster ? desk.clusterName(cluster) : isAside ? say("board.aside") : "";
        const label = [cluster?.letter, place, say("board.move-named", { number: idea.number })].filter(Boolean).join(" · ");
        return h("button", { type: "button", class: "button small", "data-move": idea.id, "aria-label": label }, [
          cluster ? h("span", { class: "letter", translate: "no" }, cluster.letter) : null,
          h("span", { class: "list-place", dir: "auto" }, place || say("board.move-do")),
        ]);
      }

      return () => {
        const { idea, column, chosen, narrow } = props;
        return h("tr", { class: { chosen }, "data-row": idea.id }, [
          h("td", h("input", { type: "checkbox", checked: chosen, "data-choose": idea.id, "aria-label": say("board.select-named", { number: idea.number }) })),
          h("th", { scope: "row", class: "number" }, [
            desk.may("MoveIdeas") ? h("span", { class: "card-grip", "data-grip": "", "aria-hidden": "true" }, icon("grip")) : null,
            h("span", idea.number),
          ]),
          h("td", { lang: idea.lang || null, dir: "auto", class: "list-text" }, [
            h("span", { "data-text": "" }, idea.text ?? say("card.face-down", { number: idea.number })),
            idea.also ? h("ul", { class: "card-texts" }, idea.also.map(it => h("li", { key: it.id }, [h("span", { class: "number" }, `${it.number} `), h("span", { lang: it.lang || null, dir: "auto" }, it.text)]))) : null,
            narrow ? h("div", place(props)) : null,
          ]),
          props.columns ? h("td", column ? desk.text(column.title) : "") : null,
          narrow ? null : h("td", place(props)),
          h("td", h("button", { type: "button", class: "card-menu", "data-more": idea.id, "aria-haspopup": "menu", "aria-label": say("board.card-menu", { number: idea.number }) }, icon("menu"))),
        ]);
      };
    },
  };

  return {
    props: { desk: Object, ideas: Array, chosen: Object, columns: Object, choose: Function, showMove: Function, showMenu: Function, aside: String, narrow: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      let last = null; // the row that was ticked last: Shift takes all between

      function onClick(event) {
        const { choose, move, more } = event.target.closest("[data-choose], [data-move], [data-more]")?.dataset ?? {};
        if (choose) tick(choose, event.target.checked, event.shiftKey);
        if (move) props.showMove(props.chosen.has(move) ? [...props.chosen] : [move]);
        if (more) props.showMenu(more, event.target.closest("[data-more]"));
      }

      function tick(id, on, all) {
        const ids = props.ideas.map(idea => idea.id);
        const [from, to] = [ids.indexOf(last), ids.indexOf(id)].sort((a, b) => a - b);
        if (all && from >= 0) ids.slice(from, to + 1).forEach(it => props.chosen.has(it) === on || props.choose(it, on));
        else props.choose(id, on);
        last = id;
      }

      const everything = () => props.ideas.every(idea => props.chosen.has(idea.id));

      function tickAll(event) {
        for (const idea of props.ideas) if (props.chosen.has(idea.id) !== event.target.checked) props.choose(idea.id, event.target.checked);
      }

      return () =>
        props.ideas.length
          ? h("div", { class: "pane list", "data-pane": "", tabindex: 0, role: "region", "aria-label": say("board.list"), onClick }, h("table", [
              h("thead", h("tr", [
                h("th", { scope: "col" }, h("input", { type: "checkbox", checked: everything(), "aria-label": say("board.select-all-do"), onChange: tickAll })),
                h("th", { scope: "col" }, h("span", { class: props.narrow ? "sr" : "" }, say("report.number"))),
                h("th", { scope: "col" }, say("report.text")),
                props.columns.size && !props.narrow ? h("th", { scope: "col" }, say("report.column")) : null,
                props.narrow ? null : h("th", { scope: "col" }, say("report.cluster")),
                h("th", { scope: "col" }, h("span", { class: "sr" }, say("desk.more-do"))),
              ])),
              h("tbody", props.ideas.map(idea => h(Row, {
                key: idea.id, desk, idea, cluster: desk.get("cluster", desk.placeOf(idea) ?? ""), column: props.columns.get(idea.column)?.column,
                chosen: props.chosen.has(idea.id), columns: props.columns.size > 0 && !props.narrow, narrow: props.narrow, isAside: desk.placeOf(idea) === props.aside,
              }))),
            ]))
          : h("p", { class: "empty" }, say("board.none"));
    },
  };
};
