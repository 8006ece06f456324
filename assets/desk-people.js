// People at the desk: hands and calls for help, who knocks at the door, the door itself, and hands counted in a vote.

import parts from "./desk-parts.js";

export default Vue => {
  const { h, computed, ref } = Vue;
  const { button, icon } = parts(Vue);

  const DOORS = ["open", "approval", "closed"];
  const MOST = 20000;

  // What waits for a word of the desk, in the order in which it came.
  const Waiting = {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const hands = computed(() => desk.all("hand").sort((a, b) => a.at - b.at));
      const knocks = computed(() => desk.all("knock").filter(it => it.state === "knocking").sort((a, b) => a.at - b.at));

      const nameOf = hand => hand.name ?? say(hand.of === "help" ? "hands.help" : "hands.somebody");
      const about = hand => (hand.table ? `${nameOf(hand)} · ${tableOf(hand)}` : nameOf(hand));

      // Some write "Table 4", some "4".
      function tableOf({ table }) {
        const word = say("hands.table", { table: "" }).trim().toLowerCase();
        return table.toLowerCase().startsWith(word) ? table : say("hands.table", { table });
      }

      async function answer(hand) {
        const reply = await desk.act("AnswerHand", { hand: hand.id }, { what: say("did.answer-hand", { who: about(hand) }) });
        if (reply.ok) desk.tell(say("hands.answered", { who: about(hand) }));
      }

      async function decide(knock, kind) {
        const inside = kind === "LetIn";
        const reply = await desk.act(kind, { participant: knock.id }, { what: say(inside ? "did.let-in" : "did.turn-away") });
        if (reply.ok) desk.tell(say(inside ? "door.let-in" : "door.turned-away"));
      }

      // One tap for all who stand there: a hall does not knock one by one.
      async function all() {
        let reply = { ok: true };
        for (const knock of knocks.value) if (reply.ok) reply = await desk.act("LetIn", { participant: knock.id }, { what: say("did.let-in") });
        if (reply.ok) desk.tell(say("door.let-in"));
      }

      const line = (hand, i) =>
        h("li", { key: hand.id }, [
          h("p", [h("span", { class: "number" }, `${i + 1} `), icon(hand.of === "help" ? "people" : "hand"), h("span", { dir: "auto" }, about(hand))]),
          button(say("hands.done-do"), () => answer(hand), { icon: "check", kind: "small", "aria-label": `${say("hands.done-do")}: ${about(hand)}` }),
        ]);

      const person = (knock, i) => {
        const who = knock.name ?? say("door.somebody", { n: i + 1 });
        return h("li", { key: knock.id }, [
          h("p", { dir: "auto", translate: knock.name ? "no" : null }, who),
          h("div", { class: "row" }, [
            button(say("door.let-in-do"), () => decide(knock, "LetIn"), { icon: "check", kind: "small strong", "aria-label": `${say("door.let-in-do")}: ${who}` }),
            button(say("door.turn-away-do"), () => decide(knock, "TurnAway"), { kind: "small", "aria-label": `${say("door.turn-away-do")}: ${who}` }),
          ]),
        ]);
      };

      return () => [
        hands.value.length && desk.may("AnswerHand")
          ? h("section", { class: "part hands" }, [h("h2", say("hands.queue", { n: hands.value.length })), h("ol", { class: "plain-list" }, hands.value.map(line))])
          : null,
        knocks.value.length && desk.may("LetIn")
          ? h("section", { class: "part knocks" }, [
              h("h2", say("door.queue", { n: knocks.value.length })),
              h("ol", { class: "plain-list" }, knocks.value.map(person)),
              knocks.value.length > 1 ? button(say("door.let-in-all-do"), all, { kind: "wide" }) : null,
            ])
          : null,
      ];
    },
  };

  // The door, how many may come, hands, who was turned away, and what those who are here have said of themselves.
  const Door = {
    props: { desk: Object, close: Function },
    setup({ desk, close }) {
      const { say } = desk;
      const session = desk.session;
      const places = ref(String(session.value.capacity));
      const away = computed(() => desk.all("knock").filter(it => it.state === "away"));

      const set = door => desk.act("SetDoor", { door }, { what: say("did.door", { door: say(`door.${door}`) }) });
      const allow = allowed => desk.act("AllowHands", { allowed }, { what: say(allowed ? "did.hands-on" : "did.hands-off") });
      const back = knock => desk.act("LetIn", { participant: knock.id }, { what: say("did.let-in") });

      async function room() {
        const capacity = Number(places.value);
        if (!Number.isInteger(capacity) || capacity < 1 || capacity > MOST) return desk.tell(say("door.capacity-wrong", { n: MOST }), "refusal");
        const reply = await desk.act("SetDoor", { capacity }, { what: say("did.capacity", { n: capacity }) });
        if (reply.ok) desk.tell(say("door.capacity-set", { n: capacity }));
      }

      function doors() {
        return h("fieldset", { class: "choices-list" }, [
          h("legend", say("door.label")),
          DOORS.map(door =>
            h("label", { key: door }, [
              h("input", { type: "radio", name: "door", value: door, checked: session.value.door === door, onChange: () => set(door), "data-first": session.value.door === door ? "" : null }),
              h("span", [h("strong", `${say(`door.${door}`)} `), h("span", { class: "muted" }, say(`door.${door}-how`))]),
            ]),
          ),
        ]);
      }

      function totals() {
        const asked = session.value.attributes ?? [];
        return asked.map(it => {
          const record = desk.get("breakdown", it.id) ?? { told: {}, rest: 0 };
          const titles = new Map((it.options ?? []).map(option => [option.id, desk.text(option.title)]));
          const rows = [...Object.entries(record.told).map(([answer, n]) => [titles.get(answer) ?? answer, n]), ...(record.rest ? [[say("people.others"), record.rest]] : [])];
          return h("section", { key: it.id }, [
            h("h3", { lang: desk.langOf(it.title) }, desk.text(it.title)),
            rows.length ? h("ul", rows.map(([answer, n]) => h("li", { key: answer }, [h("span", { dir: "auto" }, answer), h("span", `: ${n}`)]))) : null,
            h("p", { class: "muted" }, say("people.cell")),
          ]);
        });
      }

      return () => [
        desk.may("SetDoor")
          ? [
              doors(),
              h("label", { class: "label", for: "door-places" }, say("door.capacity")),
              h("div", { class: "row" }, [
                h("input", { id: "door-places", class: "field short", type: "number", min: 1, max: MOST, value: places.value, onInput: event => (places.value = event.target.value), onKeydown: event => event.key === "Enter" && room() }),
                button(say("door.capacity-do"), room, { kind: "small" }),
              ]),
            ]
          : null,
        desk.may("AllowHands")
          ? h("label", { class: "check" }, [
              h("input", { type: "checkbox", checked: session.value.hands, onChange: event => allow(event.target.checked) }),
              h("span", [h("strong", `${say("hands.allow")} `), h("span", { class: "muted" }, say("hands.allow-how"))]),
            ])
          : null,
        away.value.length
          ? h("section", [
              h("h3", say("door.away")),
              h("ul", { class: "plain-list" }, away.value.map((knock, i) =>
                h("li", { key: knock.id }, [h("p", { dir: "auto", translate: knock.name ? "no" : null }, knock.name ?? say("door.somebody", { n: i + 1 })), button(say("door.let-in-do"), () => back(knock), { kind: "small" })]))),
            ])
          : null,
        totals(),
        h("div", { class: "row" }, [
          h("a", { class: "button small", href: desk.about.sheet, target: "_blank", rel: "noopener" }, say("link.sheet-do")),
          h("a", { class: "button small", href: `${desk.about.sheet}?tables=8`, target: "_blank", rel: "noopener" }, say("link.tables-do")),
          button(say("phone.close-do"), close),
        ]),
      ];
    },
  };

  // Hands in the room for one option after another, beside the ballots of the phones.
  const Counting = {
    props: { desk: Object, round: Object },
    setup(props) {
      const { desk } = props;
      const { say } = desk;

      const options = computed(() => {
        const { options: chosen, board } = props.round;
        if (Array.isArray(chosen)) return chosen;
        const ideas = desk.all("idea").filter(it => it.board === board && it.state === "open").sort((a, b) => a.number - b.number);
        if (chosen === "ideas") return ideas.map(it => it.id);
        const filled = new Set(ideas.map(it => it.cluster));
        const clusters = desk.all("cluster").filter(it => it.board === board && filled.has(it.id));
        return [...clusters.map(it => it.id), ...ideas.filter(it => !it.cluster).map(it => it.id)];
      });

      async function count(option, event) {
        const n = Number(event.target.value || 0);
        const before = props.round.hands?.[option] ?? 0;
        if (n === before) return;
        if (!Number.isInteger(n) || n < 0 || n > MOST) {
          event.target.value = before || "";
          return desk.tell(say("hands.count-wrong"), "refusal");
        }
        const answer = await desk.act("CountHands", { round: props.round.id, option, n }, { what: say("did.count-hands", { n, title: desk.nameOf(option) }) });
        if (answer.ok) desk.tell(say("hands.counted", { n, title: desk.nameOf(option) }));
        else event.target.value = before || "";
      }

      return () =>
        desk.may("CountHands") && options.value.length
          ? h("details", { class: "counting" }, [
              h("summary", say("hands.count")),
              h("p", { class: "muted" }, say("hands.count-how")),
              h("ul", { class: "plain-list" }, options.value.map(option =>
                h("li", { key: option }, [
                  h("label", { for: `hands-${option}`, dir: "auto" }, desk.nameOf(option)),
                  h("input", {
                    id: `hands-${option}`, class: "field short", type: "number", inputmode: "numeric", min: 0, max: MOST, placeholder: "0",
                    value: props.round.hands?.[option] ?? "", onChange: event => count(option, event),
                    onKeydown: event => event.key === "Enter" && event.target.blur(),
                  }),
                ]))),
            ])
          : null;
    },
  };

  return { Waiting, Door, Counting };
};
