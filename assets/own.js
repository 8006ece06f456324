// One's own cards, each with what became of it in words, and what can still be done with it.

import { icon } from "./icons.js";
import { grow } from "./write.js";

const WORDS = { open: "visible", "face-down": "private", late: "late", hidden: "hidden", saved: "saved" };
const ICONS = { visible: "check", saved: "check", private: "down", late: "wait", waiting: "wait", sending: "wait" };

export default Vue => ({
  props: ["room", "phase", "fixed"],
  setup(props) {
    const { h, ref, shallowRef, nextTick } = Vue;
    const { room } = props;
    const { client, say } = room;
    const editing = ref(null);
    const taken = shallowRef(null); // the card last taken back, for ten seconds

    const key = card => `${card.phase}.${card.id}`;

    function edit(card) {
      editing.value = card.id;
      nextTick(() => {
        const field = document.getElementById("change");
        field?.focus();
        grow(field);
      });
    }

    function close(card, focus = true) {
      room.write(key(card), "");
      editing.value = null;
      if (focus) nextTick(() => document.getElementById(`own-${card.id}`)?.querySelector("button")?.focus());
    }

    async function save(event, card) {
      event.preventDefault();
      const text = room.draft(key(card)).trim();
      if (text && text !== card.text) {
        if (card.item && client.amend(card.id, { text })) {
          close(card);
          return;
        }
        close(card);
        const answer = await client.do("EditIdea", { idea: card.id, text }, { keep: true, lane: `edit.${card.id}` });
        if (answer.error?.key !== "replaced") room.announce(answer.ok ? say("phone.edited") : room.refusal(answer.error));
        return;
      }
      close(card);
    }

    async function withdraw(card) {
      if (card.item?.kind === "PostIdea" && card.item.status === "failed") {
        client.discard(card.id);
      } else if (!(card.item?.kind === "PostIdea" && !card.item.tried && client.discard(card.id))) {
        client.do("WithdrawIdea", { idea: card.id }, { keep: true }).then(answer => {
          if (answer.ok) return;
          if (taken.value === card) taken.value = null;
          room.announce(room.refusal(answer.error));
        });
      }
      taken.value = card;
      room.announce(say("idea.withdrawn"));
      setTimeout(() => taken.value === card && (taken.value = null), 10000);
      nextTick(() => document.getElementById("undo")?.focus());
    }

    function undo() {
      const { phase, text, column, lang } = taken.value;
      room.post({ phase, text, lang, ...(column ? { column } : {}) });
      taken.value = null;
    }

    function status(card) {
      const item = card.item;
      if (item?.status === "failed") {
        return ["failed", say(item.kind === "WithdrawIdea" ? "own.failed" : "idea.failed"), room.refusal(item.error)];
      }
      if (item && item.status !== "saved") {
        const off = room.state.connection === "offline";
        const why = item.error ? room.refusal(item.error) : "";
        return off ? ["waiting", say("own.waiting"), ""] : ["sending", say("own.sending"), why];
      }
      const word = WORDS[card.state] ?? "saved";
      const why = { late: say("idea.late"), hidden: card.reason ?? "" }[word] ?? "";
      return [word, say(`own.${word}`), why];
    }

    function actions(card) {
      const phase = room.phase(card.phase);
      const failed = card.item?.status === "failed";
      const open = ["waiting", "open"].includes(phase?.state) && card.state !== "hidden" && card.state !== "late";
      if (props.fixed || !(open || failed)) return null;
      const named = (word, does) =>
        h("button", { type: "button", class: "quiet", "aria-label": say(`phone.${word}-named`, { text: card.text }), onClick: does }, say(`phone.${word}-do`));
      return h("div", { class: "row" }, [
        failed
          ? h("button", { type: "button", class: "quiet", onClick: () => again(card) }, say("idea.again"))
          : null,
        failed && card.item.kind !== "PostIdea" ? null : named("change", () => edit(card)),
        failed
          ? h("button", { type: "button", class: "quiet", onClick: () => client.discard(card.item.id) }, say("phone.discard-do"))
          : named("withdraw", () => withdraw(card)),
      ]);
    }

    function again(card) {
      client.amend(card.item.id, {});
    }

    function editor(card) {
      const value = room.draft(key(card)) || card.text;
      return h("form", { onSubmit: event => save(event, card) }, [
        h("label", { for: "change", class: "label" }, say("phone.edit-label")),
        h("textarea", {
          id: "change",
          dir: "auto",
          value,
          onInput: event => {
            room.write(key(card), event.target.value);
            grow(event.target);
          },
        }),
        h("div", { class: "row" }, [
          h("button", { class: "main" }, say("phone.save-do")),
          h("button", { type: "button", class: "quiet", onClick: () => close(card) }, say("phone.cancel-do")),
        ]),
      ]);
    }

    return () => {
      const cards = room.own(props.phase?.id);
      return h("section", { class: "own", "aria-labelledby": "yours" }, [
        h("h2", { id: "yours" }, say("phone.yours", { n: cards.length })),
        cards.length ? null : h("p", { class: "hint" }, say("phone.yours-none")),
        h("ul", { class: "cards" }, cards.map(card => {
          const [word, state, why] = status(card);
          const cluster = card.cluster && room.get("cluster", card.cluster);
          return h("li", { key: card.id, id: `own-${card.id}`, class: ["card", word] }, [
            editing.value === card.id
              ? editor(card)
              : [
                  room.wrote("p", card, { class: "text" }),
                  h("p", { class: "state" }, [
                    icon(h, ICONS[word] ?? "alert"),
                    h("span", [
                      state,
                      card.number ? h("span", { class: "number" }, ` · ${say("own.number", { number: card.number })}`) : "",
                      cluster ? ` · ${say("own.placed", { cluster: room.title(cluster.id) })}` : "",
                    ]),
                  ]),
                  why ? h("p", { class: "why", dir: "auto" }, why) : null,
                  actions(card),
                ],
          ]);
        })),
        taken.value
          ? h("p", { class: "row done" }, [
              h("span", say("idea.withdrawn")),
              h("button", { type: "button", id: "undo", class: "quiet", onClick: undo }, say("undo")),
            ])
          : null,
      ]);
    };
  },
});
