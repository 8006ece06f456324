// The groups of a phase: who sits where, who has written, chosen or calls for help; a group's board, its question, and
// moving people between groups. On the remote control all of it is folded behind one line.

import { newId } from "./live.js";
import parts from "./desk-parts.js";
import { comesOf } from "./tables.js";

export default Vue => {
  const { h, computed, ref, nextTick } = Vue;
  const { button, icon, Field } = parts(Vue);

  return {
    props: { desk: Object, folded: Boolean, looked: Function }, // looked: a board was chosen here
    setup(props) {
      const { desk } = props;
      const { say, groups } = desk;
      const field = ref(null);
      const picked = ref(null); // a group that has no board
      const open = computed(() => groups.value.find(it => it.id === picked.value) ?? desk.groupAt(desk.board.value?.id));
      const isPlenary = computed(() => Boolean(desk.chosen.value) && desk.chosen.value === desk.current.value?.board);
      const most = computed(() => Number(desk.current.value?.settings?.groups?.choose ?? 0));
      const people = it => desk.all("member").filter(member => member.group === it.id).sort((a, b) => a.seat - b.seat);
      const called = (it, member) => member.name ?? say("desk.group-seat", { seat: `${it.number}-${member.seat}` });

      const chosen = computed(() => {
        const found = new Map();
        for (const idea of desk.all("idea")) if (idea.chosen && idea.state === "open") found.set(idea.board, (found.get(idea.board) ?? 0) + 1);
        return found;
      });

      // A table is what somebody typed who calls: a group is meant by its name, else by the number on its table.
      const calls = computed(() => {
        const found = new Set();
        for (const { table } of desk.all("hand")) {
          const said = (table ?? "").trim().toLowerCase();
          const number = Number((said.match(/\d+/) ?? [])[0]);
          const named = groups.value.find(it => it.name && it.name.toLowerCase() === said);
          const hit = named ?? groups.value.find(it => !it.name && (desk.get("board", it.board)?.table ?? it.number) === number);
          if (said && hit) found.add(hit.id);
        }
        return found;
      });

      function look(board, group = null) {
        picked.value = board ? null : group;
        if (!board) return;
        desk.chosen.value = board;
        nextTick(() => {
          desk.aloud.value = open.value ? say("desk.group-open", { group: desk.groupPlace(open.value) }) : say("desk.group-plenary");
          props.looked?.();
        });
      }

      async function move(member, it, target) {
        if (!target || target === it.id) return;
        const group = desk.groupName(desk.get("group", target));
        const answer = await desk.act("MoveMember", { member: member.id, group: target }, { what: say("did.group-move", { group }) });
        if (answer.ok) desk.tell(say("desk.group-moved", { person: called(it, member), group }));
      }

      async function merge(it, target) {
        if (!target) return;
        const to = desk.get("group", target);
        const answer = await desk.act("MergeGroups", { group: it.id, into: target }, { what: say("did.group-merge", { group: desk.groupName(to) }), id: newId() });
        if (answer.ok) look(to.board);
      }

      async function ask(text) {
        const answer = await desk.act("PromptGroup", { group: open.value.id, prompt: text }, { what: say("did.group-ask") });
        if (answer.ok) desk.tell(say("desk.group-asked"));
      }

      const show = fields => desk.act("Show", { screen: desk.steered.value, ...fields }, { what: say("did.show") });

      // A phase that moves the groups on may ask for hosts, who stay at their table.
      const hosts = computed(() => (desk.current.value && comesOf(desk.phases.value, desk.current.value)?.hosts) || 0);

      function host(it, member) {
        if (!(hosts.value && desk.may("StayAsHost")) || (!member.stays && (it.hosts ?? 0) >= hosts.value)) return null;
        const stay = !member.stays;
        const what = say(stay ? "did.host" : "did.host-goes", { group: desk.groupName(it) });
        const go = () => desk.act("StayAsHost", { phase: it.phase, member: member.id, stay }, { what });
        const word = say("desk.group-host-do");
        return button(word, go, { kind: "small", icon: stay ? null : "check", "aria-pressed": String(!stay), "aria-label": `${word}: ${called(it, member)}` });
      }

      const choice = (label, options, go) =>
        h("label", { class: "small-choice" }, [
          h("span", label),
          h("select", { class: "field", value: "", onChange: event => (go(event.target.value), (event.target.value = "")) }, [
            h("option", { value: "" }, say("desk.group-choose")),
            options.map(it => h("option", { value: it.id, key: it.id }, desk.groupName(it))),
          ]),
        ]);

      function inside(it) {
        const others = groups.value.filter(other => other.id !== it.id);
        const group = desk.groupName(it);
        return h("details", { class: "group-inside", key: it.id }, [
          h("summary", say("desk.group-people", { group })),
          hosts.value && !it.hosts && desk.may("StayAsHost") ? h("p", { class: "muted" }, say("desk.group-hostless")) : null,
          h("ul", people(it).map(member =>
            h("li", { key: member.id }, [
              others.length && desk.may("MoveMember")
                ? choice(say("desk.group-move", { person: called(it, member) }), others, target => move(member, it, target))
                : h("span", { dir: "auto", translate: member.name ? "no" : null }, called(it, member)),
              host(it, member),
            ]),
          )),
          others.length && desk.may("MergeGroups") ? choice(say("desk.group-merge", { group }), others, target => merge(it, target)) : null,
          it.board && desk.may("PromptGroup")
            ? [
                h(Field, { desk, ref: field, keep: `ask.${it.id}`, label: say("desk.group-ask", { group }), max: 500, rows: 2, start: desk.text(desk.get("board", it.board)?.prompt), enter: ask }),
                button(say("desk.group-ask-do"), () => ask(field.value.value), { kind: "small" }),
              ]
            : null,
          it.board && desk.may("Show") ? button(say("desk.group-show-do"), () => show({ what: "board", board: it.board }), { icon: "screen", kind: "small quiet" }) : null,
        ]);
      }

      const tile = (key, pressed, go, lines, rests) =>
        h("button", { type: "button", key, class: "group-tile", tabindex: rests ? 0 : -1, "aria-pressed": String(pressed), onClick: go }, lines.filter(Boolean));

      // Forty tables are one stop on the way to the board.
      function walk(event) {
        const tiles = [...event.currentTarget.children];
        const at = tiles.indexOf(event.target.closest(".group-tile"));
        const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: tiles.length - 1 }[event.key];
        if (at < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        tiles[Math.max(0, Math.min(to, tiles.length - 1))].focus();
      }

      function groupTile(it) {
        const cards = desk.cardsOn.value.get(it.board) ?? 0;
        const n = chosen.value.get(it.board) ?? 0;
        return tile(it.id, open.value?.id === it.id, () => look(it.board, it.id), [
          h("strong", { dir: "auto" }, desk.groupPlace(it)),
          h("span", it.board ? `${say("desk.people", { n: it.people })} · ${say("card.count", { n: cards })}` : say("desk.people", { n: it.people })),
          most.value && n ? h("span", { class: "group-chose" }, [icon("check"), h("span", say("desk.group-chose", { n, most: most.value }))]) : null,
          hosts.value && it.hosts ? h("span", { class: "group-chose" }, [icon("check"), h("span", say("desk.group-host", { n: it.hosts }))]) : null,
          calls.value.has(it.id) ? h("span", { class: "flagged" }, [icon("people"), h("span", say("desk.group-called"))]) : null,
        ], rests(it));
      }

      const board = computed(() => desk.get("board", desk.current.value?.board ?? ""));
      const isAll = computed(() => Boolean(board.value) && isPlenary.value && !open.value);
      const rests = it => (open.value ? open.value.id === it.id : !isAll.value && groups.value[0].id === it.id);

      function all() {
        const boards = groups.value.filter(it => it.board);
        const decided = boards.filter(it => chosen.value.has(it.board)).length;
        return [
          most.value && decided ? h("p", say("desk.groups-chose", { n: decided, all: boards.length })) : null,
          h("div", { class: "group-tiles", role: "toolbar", "aria-label": say("desk.groups"), onKeydown: walk }, [
            groups.value.map(groupTile),
            board.value
              ? tile("plenary", isAll.value, () => look(board.value.id), [h("strong", say("desk.group-plenary-do")), h("span", say("card.count", { n: desk.cardsOn.value.get(board.value.id) ?? 0 }))], isAll.value)
              : null,
          ]),
          isFolded() ? projected() : null,
          open.value ? inside(open.value) : null,
        ];
      }

      // Where the groups have come back, the board that all look at comes first.
      const isFolded = () => props.folded || Boolean(desk.current.value.settings.groups.back);
      const projected = () => (desk.may("Show") ? button(say("desk.groups-show-do"), () => show({ what: "groups" }), { icon: "screen", kind: "small quiet" }) : null);

      function line() {
        const n = calls.value.size;
        return [h("span", say("desk.groups-count", { n: groups.value.length })), n ? h("span", { class: "flagged" }, say("desk.groups-called", { n })) : null];
      }

      // Where a phase is for all again, its groups' boards are still in the choice of boards.
      return () => {
        if (!groups.value.length || !desk.current.value?.settings?.groups) return null;
        return isFolded()
          ? h("details", { class: "part groups" }, [h("summary", line()), all()])
          : h("section", { class: "part groups", "aria-label": say("desk.groups") }, [h("div", { class: "groups-head" }, [h("h2", line()), projected()]), all()]);
      };
    },
  };
};
