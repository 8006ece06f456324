// What the projected screen shows: it follows the workshop unless something else is chosen here.

import parts from "./desk-parts.js";

export default Vue => {
  const { h, computed, ref } = Vue;
  const { button, icon, Field } = parts(Vue);

  return {
    props: { desk: Object, brief: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const shows = computed(() => desk.screen.value?.shows ?? { what: "phase" });
      const writes = ref(false);
      const field = ref(null);
      const shown = computed(() => desk.rounds.value.filter(round => round.state === "shown").pop() ?? null);

      const show = fields => desk.act("Show", { screen: "main", ...fields }, { what: say("did.show") });

      function choose(what) {
        writes.value = what === "message";
        if (what === "message") return;
        if (what === "board") return show({ what, board: desk.board.value.id });
        if (what === "results") return show({ what, round: shown.value.id });
        show({ what });
      }

      async function message(text) {
        if (!text.trim()) return desk.tell(say("idea.empty"), "refusal");
        const answer = await show({ what: "message", text });
        if (!answer.ok) return;
        writes.value = false;
        field.value?.clear();
      }

      const page = n => {
        const { what, board, round, text } = shows.value;
        const rest = Object.fromEntries(Object.entries({ board, round, text }).filter(pair => pair[1] !== undefined));
        show({ what, ...rest, page: n });
      };

      const choice = (what, key, name) =>
        h("button", {
          type: "button",
          key: what,
          class: "button small",
          "aria-pressed": String(what === "message" && writes.value ? true : shows.value.what === what && !writes.value),
          onClick: () => choose(what),
        }, [name ? icon(name) : null, say(key)]);

      function black() {
        const dark = shows.value.what === "black";
        return button(say(dark ? "desk.screen-light-do" : "desk.screen-black-do"), () => show({ what: dark ? "phase" : "black" }), { icon: "screen", kind: "wide", "aria-pressed": String(dark) });
      }

      function pages() {
        const paged = ["board", "results"].includes(shows.value.what) || (shows.value.what === "phase" && desk.current.value?.board);
        if (!paged) return null;
        const now = shows.value.page;
        return h("div", { class: "row" }, [
          button(say("desk.page-previous-do"), () => page(Math.max(0, (now ?? 0) - 1)), { kind: "small", disabled: now === 0 }),
          button(say("desk.page-next-do"), () => page((now ?? 0) + 1), { kind: "small" }),
          now === undefined
            ? button(say("desk.page-hold-do"), () => page(0), { kind: "small" })
            : button(say("desk.page-go-do"), () => page(null), { kind: "small" }),
        ]);
      }

      return () =>
        h("section", { class: "part screen" }, [
          h("h2", say("desk.screen")),
          props.brief
            ? black()
            : [
                h("div", { class: "choices", role: "group", "aria-label": say("desk.screen") }, [
                  choice("phase", "desk.screen-phase"),
                  choice("code", "desk.screen-join"),
                  desk.board.value ? choice("board", "desk.screen-board") : null,
                  shown.value ? choice("results", "desk.screen-results") : null,
                  choice("message", "desk.screen-message"),
                  choice("black", "desk.screen-black"),
                ]),
                writes.value
                  ? h("div", { class: "message" }, [
                      h(Field, { desk, ref: field, keep: "message", label: say("desk.screen-message-label"), rows: 2, max: 500, enter: message }),
                      button(say("desk.screen-message-do"), () => message(field.value.value), { kind: "wide strong" }),
                    ])
                  : null,
                pages(),
                h("a", { class: "button wide", href: desk.about.screen, target: "_blank", rel: "noopener" }, [icon("screen"), say("desk.screen-open-do")]),
              ],
        ]);
    },
  };
};
