// Plan against clock: how far the session is behind or ahead, and the end that follows from it. Folded away.

import { format, left } from "./room.js";

const MINUTE = 60000;
const ON_TIME = 1; // minutes that nobody calls late

export default Vue => {
  const { h, computed } = Vue;

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const time = ms => format(desk.about.words, ms, { hour: "2-digit", minute: "2-digit" }, desk.session.value);
      const minutes = ms => Math.round(ms / MINUTE);

      // Per phase, in ms: what was planned, what it took so far, and what it will take in the end.
      const rows = computed(() =>
        desk.phases.value
          .filter(phase => phase.state !== "planned" || isAhead(phase))
          .map(phase => {
            const plan = (phase.minutes ?? 0) * MINUTE;
            const running = phase.shown && !["planned", "ended"].includes(phase.state);
            const took = (phase.spent ?? 0) + (running ? Math.max(0, desk.now.value - phase.shown) : 0);
            if (phase.state === "planned") return { phase, plan, took: 0, rest: plan };
            return { phase, plan, took, rest: running ? restOf(phase, plan, took) : 0 };
          }),
      );

      // What was passed over is not on the way any more.
      const isAhead = phase => !phase.skipped && phase.order > (desk.current.value?.order ?? 0);

      function restOf(phase, plan, took) {
        const clock = left(phase, desk.now.value);
        return Math.max(0, clock ? clock.ms : plan - took);
      }

      const held = computed(() => rows.value.filter(row => row.phase.state !== "planned"));
      const behind = computed(() => minutes(held.value.filter(row => row.plan).reduce((sum, row) => sum + row.took + row.rest - row.plan, 0)));
      const end = computed(() => desk.now.value + rows.value.reduce((sum, row) => sum + row.rest, 0));

      function sentence() {
        const n = behind.value;
        if (Math.abs(n) < ON_TIME) return say("desk.on-time", { time: time(end.value) });
        return say(n > 0 ? "desk.behind" : "desk.ahead", { n: Math.abs(n), time: time(end.value) });
      }

      const difference = row => {
        if (row.phase.state === "planned" || !row.plan) return "";
        const n = minutes(row.took + row.rest - row.plan);
        return n > 0 ? `+${n}` : n < 0 ? `\u2212${-n}` : "0";
      };

      return () => {
        if (desk.session.value?.state !== "running" || !rows.value.some(row => row.plan)) return null;
        return h("details", { class: "plan-clock" }, [
          h("summary", sentence()),
          h("table", [
            h("caption", { class: "sr" }, say("desk.plan-clock")),
            h("thead", h("tr", [
              h("th", { scope: "col" }, say("report.phase")),
              ...["desk.plan-planned", "desk.plan-took", "desk.plan-differs"].map(key => h("th", { scope: "col", class: "figure" }, say(key))),
            ])),
            h("tbody", rows.value.map(row =>
              h("tr", { key: row.phase.id }, [
                h("th", { scope: "row" }, [h("span", `${row.phase.order}. `), h("span", { dir: "auto" }, desk.text(row.phase.title))]),
                h("td", { class: "figure" }, row.plan ? String(minutes(row.plan)) : ""),
                h("td", { class: "figure" }, row.phase.state === "planned" ? "" : String(minutes(row.took))),
                h("td", { class: "figure" }, difference(row)),
              ]))),
          ]),
        ]);
      };
    },
  };
};
