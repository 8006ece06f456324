// Back, what is unfinished, and the one big button that says what comes next.

import parts, { DEAD } from "./desk-parts.js";
import { comesOf } from "./tables.js";

const FEW = 3; // people in a group beside which another one with a single person is small

const LONG = 60; // signs of what can be undone; the list behind "Undo" has it in full
const short = what => ([...what].length > LONG ? `${[...what].slice(0, LONG).join("")}…` : what);

export default Vue => {
  const { h, computed, watch } = Vue;
  const { button, icon, shape } = parts(Vue);

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const ended = computed(() => desk.session.value?.state === "ended");

      let changed = -DEAD; // when the phase did: the second of a double click skips nothing
      watch([() => desk.session.value?.phase, ended], () => (changed = performance.now()));
      const isHasty = () => performance.now() - changed < DEAD;

      function start(phase) {
        if (isHasty()) return;
        desk.chosen.value = null;
        desk.act("StartPhase", { phase: phase.id }, { what: say("did.start", { title: desk.text(phase.title) }) });
      }

      const end = () => isHasty() || desk.act("EndSession", {}, { what: say("did.finish") });

      const unfinished = computed(() => {
        const phase = desk.current.value;
        const round = desk.round.value;
        if (!phase || ended.value) return [];
        const lines = [];
        const own = desk.board.value?.id === phase.board;
        const untitled = desk.clusters.value.filter(cluster => !cluster.title).length;
        if (own && desk.faceDown.value.length) lines.push(say("desk.unrevealed", { n: desk.faceDown.value.length }));
        if (phase.activity === "cluster" && own) {
          if (desk.unplaced.value.length) lines.push(say("desk.next-open", { n: desk.unplaced.value.length }));
          if (untitled) lines.push(say("desk.untitled", { n: untitled }));
        }
        lines.push(...seats(phase));
        if (round && round.state !== "shown") lines.push(say("desk.unshown"));
        if (desk.late.value.length) lines.push(say("desk.late", { n: desk.late.value.length }));
        return lines;
      });

      // Who is missing where: a host at a table before the groups move on, anybody at all, somebody to talk to.
      function seats(phase) {
        if (!desk.isGrouped.value || desk.isAlone.value) return [];
        const there = desk.groups.value.filter(it => it.phase === phase.id);
        const filled = there.filter(it => it.people);
        const hostless = comesOf(desk.phases.value, phase)?.hosts ? filled.filter(it => !it.hosts).length : 0;
        const alone = filled.some(it => it.people >= FEW) ? filled.filter(it => it.people === 1).length : 0;
        const line = (key, n) => (n ? [say(key, { n })] : []);
        return [
          ...line("desk.hostless", hostless),
          ...(filled.length ? line("desk.groups-nobody", there.length - filled.length) : []),
          ...line("desk.groups-one", alone),
        ];
      }

      function nextButton() {
        const phase = desk.next.value;
        const started = Boolean(desk.current.value);
        if (ended.value) {
          const again = desk.current.value ?? desk.phases.value[desk.phases.value.length - 1];
          return again ? big(say("desk.reopen-do"), () => start(again), "play") : null;
        }
        if (!phase) return big(say("desk.end-do"), end, "end");
        const title = desk.text(phase.title);
        const key = started ? (phase.minutes ? "desk.next" : "desk.next-plain") : phase.minutes ? "desk.start" : "desk.start-plain";
        return big(say(key, { activity: title, n: phase.minutes ?? 0 }), () => start(phase), "next", phase.stage);
      }

      function big(word, onClick, name, stage) {
        return h("button", { type: "button", id: "desk-next", class: "button next", onClick }, [
          stage ? shape(stage) : null,
          h("span", word),
          icon(name),
        ]);
      }

      return () => {
        const before = desk.before.value;
        const last = desk.done[desk.done.length - 1];
        return h("section", { class: "desk-foot", "aria-label": say("desk.next-do") }, [
          nextButton(),
          h("div", { class: "foot-open" }, [
            ended.value ? h("p", say("desk.ended")) : null,
            ended.value && desk.may("EndSession") ? h("a", { class: "button small", href: desk.about.harvest }, [icon("list"), h("span", say("desk.harvest-do"))]) : null,
            !desk.next.value && !ended.value && desk.current.value ? h("p", say("desk.end")) : null,
            unfinished.value.map(line => h("p", { key: line }, line)),
          ]),
          h("div", { class: "foot-left" }, [
            before && !ended.value
              ? button(say("desk.back-to", { title: desk.text(before.title) }), () => start(before), {
                  icon: "back",
                  kind: "quiet small",
                  title: say("desk.back-kept"),
                })
              : null,
            last
              ? button(say("desk.undo-named", { what: short(last.what) }), () => desk.undo(), { icon: "undo", kind: "quiet small undo" })
              : null,
          ]),
        ]);
      };
    },
  };
};
