// One question for everybody: a step of a scale, a few words, or a look back; and what all answered, where all may see.

import { bars } from "./answer-bars.js";
import { icon } from "./icons.js";
import { grow } from "./write.js";

export default Vue => ({
  props: ["room", "phase"],
  setup(props) {
    const { h, ref, nextTick } = Vue;
    const { room } = props;
    const { client, say } = room;
    const changing = ref(false);
    const mistake = ref("");
    const chosen = ref(null);

    const scale = () => props.phase.activity === "check_in" && props.phase.settings.kind === "scale";
    const mine = () => room.all("answered").find(it => it.phase === props.phase.id) ?? null;
    const pending = () => room.outbox.filter(it => it.phase === props.phase.id && it.kind === "GiveAnswer" && it.status !== "saved").pop() ?? null;
    const isOpen = () => ["waiting", "open"].includes(props.phase.state);
    const limit = () => props.phase.settings.max_length;
    const lane = () => `answer.${props.phase.id}`;

    async function send(fields) {
      const failed = pending();
      if (failed?.status === "failed") client.discard(failed.id);
      changing.value = false;
      const answer = await client.do("GiveAnswer", { phase: props.phase.id, lang: room.lang, ...fields }, { keep: true, lane: lane() });
      if (answer.error?.key === "replaced") return;
      room.announce(answer.ok ? say("answer.saved") : `${say("answer.failed")} ${room.refusal(answer.error)}`);
    }

    function choose(value) {
      chosen.value = value;
      send({ value });
    }

    function submit(event) {
      event.preventDefault();
      const text = draft().trim();
      const long = [...text.normalize("NFC")].length - limit();
      if (room.all("muted").length) return room.announce(say("person.muted"));
      mistake.value = !text ? say("idea.empty") : long > 0 ? say("idea.too-long", { n: long }) : "";
      if (mistake.value) return room.announce(mistake.value);
      room.write(props.phase.id, "");
      send({ text });
    }

    const draft = () => room.draft(props.phase.id);

    function change() {
      if (!draft().trim()) room.write(props.phase.id, pending()?.text ?? mine()?.text ?? "");
      changing.value = true;
      nextTick(() => {
        document.getElementById("answer")?.focus();
        grow();
      });
    }

    async function withdraw() {
      changing.value = false;
      chosen.value = null;
      const answer = await room.wish("WithdrawAnswer", { phase: props.phase.id }, lane());
      if (answer.error?.key !== "replaced") room.announce(answer.ok ? say("answer.withdrawn") : room.refusal(answer.error));
    }

    // --- drawing

    function steps() {
      const { steps: most, low, high } = props.phase.settings;
      const now = chosen.value ?? pending()?.value ?? mine()?.value ?? null;
      const off = !isOpen() || room.all("muted").length > 0;
      return h("fieldset", { class: "scale", disabled: off }, [
        h("legend", say("answer.scale-label")),
        h("div", { class: "steps" }, Array.from({ length: most }, (_, i) => i + 1).map(value =>
          h("label", { class: "pill", key: value }, [
            h("input", {
              type: "radio",
              name: "answer",
              checked: value === now,
              "aria-label": say("answer.step", { value, most }),
              onChange: () => choose(value),
            }),
            h("span", { "aria-hidden": "true" }, value),
          ]),
        )),
        h("div", { class: "ends" }, [room.told("span", low), room.told("span", high)]),
      ]);
    }

    function field() {
      const many = props.phase.activity === "reflect";
      return h("form", { class: "write", novalidate: true, onSubmit: submit }, [
        h("label", { for: "answer", class: "label" }, say(many ? "answer.text-label" : "answer.words-label")),
        h("textarea", {
          id: "answer",
          rows: many ? 4 : 1,
          dir: "auto",
          value: draft(),
          "aria-describedby": "answer-hint",
          "aria-invalid": mistake.value ? "true" : null,
          onInput: event => {
            mistake.value = "";
            room.write(props.phase.id, event.target.value);
          },
        }),
        mistake.value ? h("p", { class: "alert" }, mistake.value) : null,
        h("button", { class: "main" }, say(mine() ? "answer.change-do" : "answer.send-do")),
        changing.value ? h("button", { type: "button", class: "wide", onClick: () => (room.write(props.phase.id, ""), (changing.value = false)) }, say("phone.cancel-do")) : null,
      ]);
    }

    function status(it) {
      const item = pending();
      if (item?.status === "failed") return [say("answer.failed"), room.refusal(item.error)].join(" ");
      if (item) return say(room.state.connection === "offline" ? "idea.waiting" : "own.sending");
      if (it?.state === "hidden") return say("answer.hidden", { reason: it.reason ?? "" });
      return isOpen() ? say("answer.saved") : say("own.saved");
    }

    function given(it) {
      const text = pending()?.text ?? it?.text;
      return h("section", { class: "own" }, [
        h("div", { class: "card" }, [
          text ? room.wrote("p", { text, lang: it?.lang }, { class: "text" }) : null,
          h("p", { class: "state" }, [h("span", [pending() || it?.state === "hidden" ? null : icon(h, "check"), h("span", status(it))])]),
          isOpen() && it?.state !== "hidden"
            ? h("div", { class: "row" }, [
                scale() ? null : h("button", { type: "button", class: "quiet", onClick: change }, say("answer.change-do")),
                h("button", { type: "button", class: "quiet", onClick: withdraw }, say("answer.withdraw-do")),
              ])
            : null,
        ]),
      ]);
    }

    function note() {
      const { to, results } = props.phase.settings;
      if (to) return say(to === "all" ? "answer.to-all" : "answer.to-facilitator");
      return results === "reveal" && !props.phase.doing?.shown ? say("answer.later") : say("answer.nameless");
    }

    function everybody() {
      const n = room.get("answers", props.phase.id)?.n ?? 0;
      const shown = props.phase.doing?.shown;
      const said = shown ? room.all("answer").filter(it => it.phase === props.phase.id) : [];
      return h("section", { class: "all" }, [
        h("h2", say("answer.count", { n })),
        shown && scale() ? bars(h, room, props.phase) : null,
        said.length ? h("ul", { class: "cards" }, said.map(it => h("li", { key: it.id, class: "card" }, [room.wrote("p", it, { class: "text" })]))) : null,
      ]);
    }

    return () => {
      const it = mine();
      const has = it || pending();
      const writes = draft().trim() || (isOpen() && (changing.value || !has));
      return [
        scale() ? steps() : writes ? field() : null,
        has && !changing.value ? given(it) : null,
        isOpen() || has ? null : h("p", { class: "done" }, say("answer.over")),
        h("p", { class: "hint", id: "answer-hint" }, note()),
        everybody(),
      ];
    };
  },
});
