// The groups of a phase: how many people and cards each has, its board, its question, and moving people between them.

import { newId } from "./live.js";
import parts from "./desk-parts.js";

export default Vue => {
  const { h, computed, ref, nextTick } = Vue;
  const { button, icon, Field } = parts(Vue);

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const field = ref(null);
      const groups = computed(() =>
        desk.all("group").filter(it => it.phase === desk.session.value?.grouping).sort((a, b) => a.number - b.number),
      );
      const cards = computed(() => {
        const found = new Map();
        for (const idea of desk.all("idea")) {
          if (idea.state === "open" || idea.state === "face-down") found.set(idea.board, (found.get(idea.board) ?? 0) + 1);
        }
        return found;
      });
      const open = computed(() => groups.value.find(it => it.board && it.board === desk.board.value?.id) ?? null);
      const name = it => (it.name ? say("group.named", { name: it.name }) : say("group.number", { n: it.number }));
      const people = it => desk.all("member").filter(member => member.group === it.id).sort((a, b) => a.seat - b.seat);
      const called = (it, member) => member.name ?? say("desk.group-seat", { seat: `${it.number}-${member.seat}` });

      function look(board) {
        desk.chosen.value = board;
        nextTick(() => desk.tell(open.value ? say("desk.group-open", { group: name(open.value) }) : say("desk.group-plenary")));
      }

      async function move(member, it, target) {
        if (!target || target === it.id) return;
        const to = desk.get("group", target);
        const answer = await desk.act("MoveMember", { member: member.id, group: target }, { what: say("did.group-move", { group: name(to) }) });
        if (answer.ok) desk.tell(say("desk.group-moved", { person: called(it, member), group: name(to) }));
      }

      async function merge(it, target) {
        if (!target) return;
        const to = desk.get("group", target);
        const answer = await desk.act("MergeGroups", { group: it.id, into: target }, { what: say("did.group-merge", { group: name(to) }), id: newId() });
        if (answer.ok) look(to.board);
      }

      async function ask(text) {
        const answer = await desk.act("PromptGroup", { group: open.value.id, prompt: text }, { what: say("did.group-ask") });
        if (answer.ok) desk.tell(say("desk.group-asked"));
      }

      const choice = (label, options, go) =>
        h("label", { class: "small-choice" }, [
          h("span", label),
          h("select", { class: "field", value: "", onChange: event => (go(event.target.value), (event.target.value = "")) }, [
            h("option", { value: "" }, say("desk.group-choose")),
            options.map(it => h("option", { value: it.id, key: it.id }, name(it))),
          ]),
        ]);

      function inside(it) {
        const others = groups.value.filter(other => other.id !== it.id);
        return h("details", { class: "group-inside", key: it.id }, [
          h("summary", say("desk.group-people", { group: name(it) })),
          h("ul", people(it).map(member =>
            h("li", { key: member.id }, [
              h("span", { dir: "auto" }, called(it, member)),
              others.length ? choice(say("desk.group-move", { person: called(it, member) }), others, target => move(member, it, target)) : null,
            ]),
          )),
          others.length ? choice(say("desk.group-merge", { group: name(it) }), others, target => merge(it, target)) : null,
          h(Field, { desk, ref: field, keep: `ask.${it.id}`, label: say("desk.group-ask", { group: name(it) }), max: 500, rows: 2, start: desk.text(desk.board.value.prompt), enter: ask }),
          button(say("desk.group-ask-do"), () => ask(field.value.value), { kind: "small" }),
          button(say("desk.group-show-do"), () => desk.act("Show", { screen: desk.steered.value, what: "board", board: it.board }, { what: say("did.show") }), { icon: "screen", kind: "small" }),
        ]);
      }

      // Where a phase is for all again, its groups' boards are still in the choice of boards.
      return () =>
        groups.value.length && desk.current.value?.settings?.groups
          ? h("section", { class: "part groups", "aria-label": say("desk.groups") }, [
              h("h2", say("desk.groups")),
              h("div", { class: "choices", role: "group", "aria-label": say("desk.groups") }, [
                h("button", { type: "button", class: "button small", "aria-pressed": String(!open.value), onClick: () => look(null) }, say("desk.group-plenary-do")),
                groups.value.map(it =>
                  h("button", {
                    type: "button",
                    key: it.id,
                    class: "button small",
                    "aria-pressed": String(open.value?.id === it.id),
                    onClick: () => look(it.board),
                  }, [icon("people"), `${name(it)} · ${say("group.people", { n: it.people })} ${say("card.count", { n: cards.value.get(it.board) ?? 0 })}`]),
                ),
              ]),
              button(say("desk.groups-show-do"), () => desk.act("Show", { screen: desk.steered.value, what: "groups" }, { what: say("did.show") }), { icon: "screen", kind: "small" }),
              open.value ? inside(open.value) : null,
            ])
          : null;
    },
  };
};
