// What each screen shows: it follows the workshop unless something else is chosen here.

import { newId } from "./live.js";
import parts, { DEAD, once } from "./desk-parts.js";

const PAGED = ["board", "results", "cluster"];

export default Vue => {
  const { h, computed, ref } = Vue;
  const { button, icon, Field } = parts(Vue);

  return {
    props: { desk: Object, brief: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const screens = computed(() => desk.all("screen").sort((a, b) => (b.id === "main") - (a.id === "main") || (a.title < b.title ? -1 : 1)));
      const screen = computed(() => screens.value.find(it => it.id === desk.steered.value) ?? screens.value[0]);
      const shows = computed(() => screen.value?.shows ?? { what: "phase" });
      const writes = ref(false);
      const field = ref(null);
      const title = ref(null);
      const minutes = ref("5");
      const shown = computed(() => desk.rounds.value.filter(round => round.state === "shown").pop() ?? null);
      const called = it => it.title || (it.id === "main" ? say("shown.main") : it.id);
      const address = it => `${desk.about.screen}${it.id === "main" ? "" : `?screen=${encodeURIComponent(it.id)}`}`;

      const show = fields => desk.act("Show", { screen: screen.value.id, ...fields }, { what: say("did.show") });

      function choose(what) {
        writes.value = what === "message" ? "message" : what === "countdown" ? "countdown" : false;
        if (writes.value) return;
        if (what === "board") return show({ what, board: desk.board.value.id });
        if (what === "results") return show({ what, round: shown.value.id });
        show({ what });
      }

      const message = once(async text => {
        if (!text.trim()) return desk.tell(say("idea.empty"), "refusal");
        const answer = await show({ what: "message", text });
        if (!answer.ok) return;
        writes.value = false;
        field.value?.clear();
      });

      const countDown = once(async () => {
        const seconds = Math.round(60 * Number(minutes.value.replace(",", ".")));
        if (!(seconds > 0)) return desk.tell(say("desk.countdown-wrong"), "refusal");
        const answer = await show({ what: "countdown", seconds });
        if (answer.ok) writes.value = false;
      });

      // The same picture, with something else about it.
      const again = fields => {
        const { until, ...rest } = shows.value;
        const seconds = until ? { seconds: Math.max(1, Math.round((until - desk.now.value) / 1000)) } : {};
        show({ ...rest, ...seconds, ...fields });
      };
      const page = n => again({ page: n });

      const choice = (what, key, name) =>
        h("button", {
          type: "button",
          key: what,
          class: "button small",
          "aria-pressed": String(writes.value ? writes.value === what : shows.value.what === what),
          onClick: () => choose(what),
        }, name ? [icon(name), h("span", say(key))] : say(key));

      function black() {
        const dark = shows.value.what === "black";
        return button(say(dark ? "desk.screen-light-do" : "desk.screen-black-do"), () => show({ what: dark ? "phase" : "black" }), { icon: "screen", kind: "wide", "aria-pressed": String(dark) });
      }

      function pages() {
        const { what } = shows.value;
        if (!PAGED.includes(what) && !(what === "phase" && desk.current.value?.board)) return null;
        const now = shows.value.page;
        const zoom = shows.value.zoom ?? 1;
        return [
          h("div", { class: "row" }, [
            button(say("desk.page-previous-do"), () => page(Math.max(0, (now ?? 0) - 1)), { kind: "small", disabled: now === 0 }),
            button(say("desk.page-next-do"), () => page((now ?? 0) + 1), { kind: "small" }),
            now === undefined
              ? button(say("desk.page-hold-do"), () => page(0), { kind: "small" })
              : button(say("desk.page-go-do"), () => page(null), { kind: "small" }),
          ]),
          h("div", { class: "row" }, [
            button(say("desk.zoom-in-do"), () => again({ zoom: zoom + 1 }), { kind: "small", disabled: zoom === 3 }),
            button(say("desk.zoom-out-do"), () => again({ zoom: zoom - 1 }), { kind: "small", disabled: zoom === 1 }),
          ]),
        ];
      }

      function form() {
        if (writes.value === "message") {
          return h("div", { class: "message" }, [
            h(Field, { desk, ref: field, keep: "message", label: say("desk.screen-message-label"), rows: 2, max: 500, enter: message }),
            button(say("desk.screen-message-do"), () => message(field.value.value), { kind: "wide strong" }),
          ]);
        }
        if (writes.value !== "countdown") return null;
        return h("div", { class: "message" }, [
          h("label", { class: "label", for: "countdown" }, say("desk.countdown-label")),
          h("input", { id: "countdown", class: "field", inputmode: "decimal", value: minutes.value, onInput: event => (minutes.value = event.target.value), onKeydown: event => event.key === "Enter" && countDown() }),
          button(say("desk.countdown-do"), countDown, { kind: "wide strong" }),
          desk.current.value?.ends ? button(say("desk.countdown-phase-do"), () => (show({ what: "countdown" }), (writes.value = false)), { kind: "wide" }) : null,
        ]);
      }

      // --- more than one

      const open = once(async text => {
        const id = `s-${newId().replace(/[^A-Za-z0-9]/g, "").slice(0, 8)}`;
        const answer = await desk.act("OpenScreen", { screen: id, title: text }, { what: say("did.screen-open") });
        if (!answer.ok) return;
        desk.steered.value = id;
        title.value?.clear();
        desk.tell(say("desk.screen-opened"));
      }, DEAD);

      async function close() {
        const it = screen.value;
        const answer = await desk.act("CloseScreen", { screen: it.id }, { what: say("did.screen-close", { screen: called(it) }) });
        if (answer.ok) desk.steered.value = "main";
      }

      function which() {
        if (screens.value.length < 2) return null;
        return h("div", { class: "choices", role: "group", "aria-label": say("desk.screens") }, screens.value.map(it =>
          h("button", { type: "button", key: it.id, class: "button small", dir: "auto", "aria-pressed": String(it.id === screen.value.id), onClick: () => (desk.steered.value = it.id) }, called(it)),
        ));
      }

      function more() {
        const it = screen.value;
        return h("details", { class: "more-screens" }, [
          h("summary", say("desk.screens-more")),
          h("p", { class: "muted" }, say("desk.screens-how")),
          h(Field, { desk, ref: title, keep: "screen-title", label: say("desk.screen-title-label"), max: 80, enter: open }),
          button(say("desk.screen-new-do"), () => open(title.value.value), { icon: "plus", kind: "small" }),
          it.id === "main" ? null : button(say("desk.screen-close-do"), close, { icon: "close", kind: "small" }),
        ]);
      }

      return () =>
        screen.value
          ? h("section", { class: "part screen" }, [
              h("h2", say("desk.screen")),
              which(),
              props.brief
                ? [black(), pages()]
                : [
                    h("div", { class: "choices", role: "group", "aria-label": say("desk.screen") }, [
                      choice("phase", "desk.screen-phase"),
                      choice("code", "desk.screen-join"),
                      desk.board.value ? choice("board", "desk.screen-board") : null,
                      shown.value ? choice("results", "desk.screen-results") : null,
                      choice("message", "desk.screen-message"),
                      choice("countdown", "desk.screen-countdown"),
                      choice("black", "desk.screen-black"),
                    ]),
                    ["card", "cluster", "groups"].includes(shows.value.what) ? h("p", { class: "muted" }, say(`desk.screen-now-${shows.value.what}`)) : null,
                    form(),
                    pages(),
                    h("a", { class: "button wide", href: address(screen.value), target: "_blank", rel: "noopener" }, [icon("screen"), h("span", say("desk.screen-open-do"))]),
                    more(),
                  ],
            ])
          : null;
    },
  };
};
