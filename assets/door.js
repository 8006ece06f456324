// At the door: a name; what this page waits for; what people may say of themselves; for how many people this device speaks.

const MOST = 50; // people at one device

export default Vue => ({
  props: ["room", "what", "done", "again", "wrong"],
  setup(props) {
    const { h, ref, reactive } = Vue;
    const { room } = props;
    const { say, client } = room;
    const h1 = content => h("h1", { tabindex: -1 }, content);

    // --- a name

    const called = ref("");
    const missing = ref("");

    function join(event) {
      event.preventDefault();
      const isMissing = room.session.names === "shown" && !called.value.trim();
      missing.value = isMissing ? say("error.name.missing") : "";
      if (!isMissing) return props.done({ name: called.value });
      room.announce(missing.value);
      document.getElementById("name").focus();
    }

    function name() {
      const needed = room.session.names === "shown";
      const wrong = missing.value || props.wrong;
      return [
        room.told("h1", room.session.title, { tabindex: -1 }),
        h("form", { onSubmit: join }, [
          h("label", { for: "name", class: "label" }, say(needed ? "join.name-needed-label" : "join.name-label")),
          h("input", { id: "name", maxlength: 80, autocomplete: "off", value: called.value, onInput: event => (called.value = event.target.value) }),
          wrong ? h("p", { class: "alert" }, wrong) : null,
          h("button", { class: "main" }, say("join.name-do")),
          needed ? null : h("button", { type: "button", class: "wide", onClick: () => props.done({}) }, say("join.no-name-do")),
        ]),
      ];
    }

    // --- waiting

    function waiting() {
      const state = room.get("place", "place")?.state;
      const sentence = { away: "error.door.turned-away", knocking: "join.approval" }[state] ?? (room.session.door === "closed" ? "join.door-closed" : "join.approval");
      return [
        h1(say("door.heading")),
        room.told("p", room.session.title, { class: "lead" }),
        h("p", { class: "lead", role: "status" }, say(sentence)),
        state === "away" ? null : h("p", { class: "hint" }, say("door.closed-wait")),
      ];
    }

    // --- about oneself: each question may stay without an answer; a single one with a list takes one tap

    const answers = reactive({});
    const asked = () => room.session.attributes ?? [];

    function save(given) {
      client.do("Join", { attributes: given }, { keep: true }).then(({ ok, error }) => room.announce(ok ? say("people.about-saved") : room.refusal(error)));
      client.keep("about", "1");
      props.done();
    }

    const given = () => Object.fromEntries(Object.entries(answers).filter(pair => pair[1].trim()));

    function about() {
      const all = asked();
      const single = all.length === 1 && all[0].options?.length;
      return [
        h1(say("people.about-title")),
        all.map(it => (single ? taps(it) : it.options?.length ? choices(it) : words(it))),
        single ? null : h("button", { type: "button", class: "main", onClick: () => save(given()) }, say("people.about-do")),
        h("button", { type: "button", class: "wide", onClick: () => save({}) }, say("people.skip-do")),
        props.again ? h("p", { class: "hint" }, say(room.session.names === "shown" ? "privacy.attributes-named" : "privacy.attributes-totals")) : null,
      ];
    }

    const taps = it => [
      room.told("p", it.title, { class: "label" }),
      it.options.map(option =>
        h("button", { type: "button", class: "wide", key: option.id, onClick: () => save({ [it.id]: option.id }) }, [room.told("span", option.title)])),
    ];

    const choices = it => [
      room.told("label", it.title, { class: "label", for: `about-${it.id}` }),
      h("select", { id: `about-${it.id}`, value: answers[it.id] ?? "", onChange: event => (answers[it.id] = event.target.value) }, [
        h("option", { value: "" }, say("people.none-chosen")),
        it.options.map(option => h("option", { key: option.id, value: option.id }, room.text(option.title))),
      ]),
    ];

    const words = it => [
      room.told("label", it.title, { class: "label", for: `about-${it.id}` }),
      h("input", { id: `about-${it.id}`, maxlength: 80, autocomplete: "off", dir: "auto", value: answers[it.id] ?? "", onInput: event => (answers[it.id] = event.target.value) }),
    ];

    // --- a device for a table

    const people = ref(room.get("place", "place")?.people ?? 1);
    const set = n => (people.value = Math.max(1, Math.min(MOST, Math.round(n) || 1)));

    async function speakFor() {
      set(Number(people.value));
      const { ok, error } = await client.do("SetPeople", { people: people.value }, { keep: true, lane: "people" });
      if (!ok) return room.announce(room.refusal(error));
      room.announce(say("people.table-saved", { n: people.value }));
      props.done();
    }

    function table() {
      return [
        h1(say("people.table-title")),
        h("p", { class: "lead" }, say("people.table-how")),
        h("label", { class: "label", for: "people" }, say("people.table-label")),
        h("input", { id: "people", type: "number", inputmode: "numeric", min: 1, max: MOST, value: people.value, onInput: event => (people.value = event.target.value) }),
        h("button", { type: "button", class: "main", onClick: speakFor }, say("people.table-do")),
        h("button", { type: "button", class: "wide", onClick: () => props.done() }, say("phone.back-do")),
      ];
    }

    return () => ({ name, waiting, about, table })[props.what]();
  },
});
