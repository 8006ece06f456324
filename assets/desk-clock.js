// The clock of the phase: what is left, more of it, stop and go on; or what waits for its beginning.

import parts from "./desk-parts.js";
import { left, minutes } from "./room.js";

export default Vue => {
  const { h, computed } = Vue;
  const { button, icon } = parts(Vue);

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const phase = computed(() => desk.current.value);
      const clock = computed(() => left(phase.value, desk.now.value));
      const of = () => ({ phase: phase.value.id });

      const extend = n => desk.act("ExtendPhase", { ...of(), seconds: n * 60 }, { what: say("did.extend") });
      const pause = () => desk.act("PausePhase", of(), { what: say("did.pause") });
      const resume = () => desk.act("ResumePhase", of());
      const begin = () => desk.act("Begin", of(), { what: say("did.begin") });

      const sounds = () => Boolean(desk.session.value?.sound);

      // A switch that is folded away: nine sessions in ten are better off without.
      function sound() {
        return h("details", { class: "clock-more" }, [
          h("summary", say("desk.sound-do")),
          h("label", { class: "dialog-option" }, [
            h("input", { type: "checkbox", checked: sounds(), onChange: () => desk.act("SetSound", { on: !sounds() }) }),
            h("span", say("desk.sound-note")),
          ]),
        ]);
      }

      function face() {
        if (!clock.value) return h("span", { class: "clock-none" }, say("timer.none"));
        const over = clock.value.ms <= 0;
        const time = minutes(Math.abs(clock.value.ms));
        return h("span", { class: ["clock-time", { over, stopped: clock.value.stopped }] }, over ? `+${time}` : time);
      }

      function word() {
        if (!clock.value) return null;
        if (clock.value.stopped) return h("p", { class: "clock-word" }, say("timer.paused"));
        return clock.value.ms <= 0 ? h("p", { class: "clock-word alert" }, say("timer.over")) : null;
      }

      return () => {
        if (!phase.value?.activity || phase.value.state === "ended" || phase.value.state === "planned") return null;
        if (phase.value.state === "waiting") {
          return h("section", { class: "part clock" }, [
            h("h2", say("desk.clock")),
            h("p", say("desk.begin-note")),
            button(say("desk.begin-do"), begin, { icon: "play", kind: "strong wide" }),
          ]);
        }
        return h("section", { class: "part clock" }, [
          h("h2", { class: "sr" }, say("desk.clock")),
          h("div", { class: "clock-face", role: "timer", "aria-label": say("desk.clock") }, [icon("clock"), face()]),
          word(),
          h("div", { class: "row tight" }, [
            [1, 2, 5].map(n =>
              button(say("desk.plus", { n }), () => extend(n), { "aria-label": say("desk.plus-named", { n }), kind: "small" }),
            ),
            clock.value
              ? clock.value.stopped
                ? button(say("desk.clock-go-do"), resume, { icon: "play", kind: "small" })
                : button(say("desk.clock-stop-do"), pause, { icon: "pause", kind: "small" })
              : null,
          ]),
          clock.value ? sound() : null,
        ]);
      };
    },
  };
};
