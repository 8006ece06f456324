// The agenda: every phase with its time and state. Choosing one shows what it asks; going there is a second step.

import parts from "./desk-parts.js";

export default Vue => {
  const { h, ref, watch } = Vue;
  const { button, icon, shape } = parts(Vue);

  return {
    props: { desk: Object, folded: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const looked = ref(null);
      const nav = ref(null);

      // The current phase is in sight in a list that is longer than its column.
      function reach() {
        const side = nav.value?.closest(".desk-side");
        const row = side?.querySelector("[aria-current]");
        if (row) side.scrollTop += row.getBoundingClientRect().top - side.getBoundingClientRect().top - side.clientHeight / 3;
      }

      watch([nav, () => desk.session.value?.phase], reach, { flush: "post" });

      function go(phase) {
        looked.value = null;
        desk.chosen.value = null;
        desk.act("StartPhase", { phase: phase.id }, { what: say("did.start", { title: desk.text(phase.title) }) });
      }

      function row(phase) {
        const now = phase.id === desk.session.value?.phase;
        const over = phase.state === "ended";
        const open = looked.value === phase.id;
        const about = `agenda-${phase.id}`;
        return h("li", { key: phase.id, class: { now, over } }, [
          h(
            "button",
            {
              type: "button",
              class: "agenda-row",
              "aria-expanded": String(open),
              "aria-controls": open ? about : null,
              "aria-current": now ? "step" : null,
              onClick: () => (looked.value = open ? null : phase.id),
            },
            [
              h("span", { class: "agenda-number" }, over && !now ? icon("check") : String(phase.order)),
              h("span", { class: "agenda-title" }, [
                h("span", { lang: desk.langOf(phase.title) }, desk.text(phase.title)),
                h("span", { class: "agenda-note" }, [
                  shape(phase.stage),
                  phase.minutes ? h("span", say("timer.short", { n: phase.minutes })) : null,
                  now ? h("strong", say("desk.agenda-now")) : over ? h("span", { class: "agenda-word" }, say("desk.agenda-done")) : null,
                ]),
              ]),
            ],
          ),
          open
            ? h("div", { class: "agenda-more", id: about }, [
                phase.stage ? h("p", { class: "muted" }, say(`stage.${phase.stage}`)) : null,
                h("p", { lang: desk.langOf(phase.prompt) }, desk.text(phase.prompt)),
                !props.folded && desk.text(phase.guide)
                  ? h("div", { class: "private" }, [
                      h("p", { class: "private-mark" }, [icon("lock"), say("desk.guide-mark")]),
                      h("p", { lang: desk.langOf(phase.guide) }, desk.text(phase.guide)),
                    ])
                  : null,
                now && phase.state !== "ended" ? null : button(say("desk.jump-do"), () => go(phase), { icon: "next", kind: "wide" }),
              ])
            : null,
        ]);
      }

      return () =>
        h("nav", { class: "desk-agenda", ref: nav, "aria-label": say("desk.agenda") }, [
          h("h2", say("desk.agenda")),
          h("ol", desk.phases.value.map(row)),
        ]);
    },
  };
};
