// One's own cards, each with what became of it in words, and what can still be done with it.

import { icon } from "./icons.js";
import { grow, length } from "./write.js";

const WORDS = { open: "visible", "face-down": "private", late: "late", hidden: "hidden", merged: "merged", saved: "saved", waiting: "moderation", returned: "returned", rejected: "rejected" };
const ICONS = { visible: "check", merged: "check", saved: "check", private: "down", late: "wait", waiting: "wait", sending: "wait", moderation: "wait" };

export default Vue => ({
  props: ["room", "phase", "fixed", "below"],
  setup(props) {
    const { h, ref, shallowRef, nextTick } = Vue;
    const { room } = props;
    const { client, say } = room;
    const editing = ref(null);
    const typed = ref(null); // in the field, also where nothing is left of it
    const mistake = ref("");
    const taken = shallowRef(null); // what was done last, for ten seconds: {card, said, undo}

    const key = card => `${card.phase}.${card.id}`;

    // What was begun before the page was loaded goes on, one after the other.
    const opened = cards => editing.value ?? (props.fixed ? null : cards.find(card => room.draft(key(card)).trim())?.id);

    function edit(card) {
      editing.value = card.id;
      typed.value = null;
      nextTick(() => {
        document.getElementById("change")?.focus();
        grow();
      });
    }

    function close(card, focus = true) {
      room.write(key(card), "");
      editing.value = typed.value = null;
      mistake.value = "";
      if (focus) nextTick(() => document.getElementById(`own-${card.id}`)?.querySelector("button")?.focus());
    }

    async function save(event, card) {
      event.preventDefault();
      const text = room.draft(key(card)).trim();
      const long = length(text) - (room.phase(card.phase)?.settings.max_length ?? 500);
      if (long > 0) return room.announce((mistake.value = say("idea.too-long", { n: long })));
      close(card);
      if (!text || (text === card.text && card.state !== "returned")) return;
      if (!card.item || !client.amend(card.id, { text })) send(card, text, say("phone.edited"));
      if (text !== card.text) offer({ card, said: say("phone.edited"), undo: () => send(card, card.text, say("phone.edit-undone")) });
    }

    async function send(card, text, done) {
      if (client.amend(card.id, { text })) return void room.announce(done);
      const answer = await client.do("EditIdea", { idea: card.id, text }, { keep: true, lane: `edit.${card.id}` });
      if (answer.error?.key !== "replaced") room.announce(answer.ok ? done : room.refusal(answer.error));
    }

    // For ten seconds, with a button that takes it back.
    function offer(it) {
      taken.value = it;
      setTimeout(() => taken.value === it && (taken.value = null), 10000);
    }

    async function withdraw(card) {
      const unsent = card.item?.kind === "PostIdea" && (card.item.status === "failed" || !card.item.tried) && client.discard(card.id);
      const it = { card, said: say("idea.withdrawn"), undo: () => (unsent ? anew(card) : restore(card)) };
      if (!unsent) {
        client.do("WithdrawIdea", { idea: card.id }, { keep: true }).then(answer => {
          if (answer.ok || answer.error.key === "replaced") return;
          if (taken.value === it) taken.value = null;
          room.announce(room.refusal(answer.error));
        });
      }
      offer(it);
      room.announce(it.said);
      nextTick(() => document.getElementById("undo")?.focus());
    }

    function anew({ phase, text, column, lang }) {
      room.post({ phase, text, lang, ...(column ? { column } : {}) });
    }

    // Where it cannot come back as the card it was, it comes as a new one: late, if need be, but never lost.
    async function restore(card) {
      const item = room.outbox.find(it => it.kind === "WithdrawIdea" && it.idea === card.id);
      if (item && !item.tried && client.discard(item.id)) return void room.announce(say("phone.restored"));
      const answer = await room.wish("RestoreOwn", { idea: card.id });
      if (answer.ok) return void room.announce(say("phone.restored"));
      room.announce(room.refusal(answer.error));
      if (!answer.error.key.startsWith("person.")) anew(card);
    }

    function undo() {
      const it = taken.value;
      taken.value = null;
      it.undo();
    }

    function status(card) {
      const item = card.item;
      if (item?.status === "failed") {
        return ["failed", say(item.kind === "WithdrawIdea" ? "own.failed" : "idea.failed"), room.refusal(item.error)];
      }
      if (item && item.status !== "saved") {
        const off = room.state.connection === "offline";
        // One after another: what an earlier one is refused for is what this one waits for.
        const error = item.error ?? room.outbox.find(it => it.error?.retry !== undefined)?.error;
        const why = error ? room.refusal(error) : "";
        return off ? ["waiting", say("own.waiting"), ""] : ["sending", say("own.sending"), why];
      }
      const word = WORDS[card.state] ?? "saved";
      const reason = card.reason ?? "";
      const why = { late: say("idea.late"), hidden: reason, returned: say("idea.returned", { reason }), rejected: say("idea.not-taken", { reason }) }[word] ?? "";
      return [word, say(`own.${word}`, { number: card.same_as }), why];
    }

    function actions(card) {
      const phase = room.phase(card.phase);
      const failed = card.item?.status === "failed";
      const open = ["waiting", "open"].includes(phase?.state) && !["hidden", "late"].includes(card.state) && !room.get("board", phase.board)?.frozen;
      const writes = card.state !== "rejected" && !room.all("muted").length;
      if (props.fixed || !(open || failed)) return null;
      const named = (word, does) =>
        h("button", { type: "button", class: "quiet", "aria-label": say(`phone.${word}-named`, { text: card.text }), onClick: does }, say(`phone.${word}-do`));
      return h("div", { class: "row" }, [
        failed
          ? h("button", { type: "button", class: "quiet", onClick: () => again(card) }, say("idea.again"))
          : null,
        !writes || (failed && card.item.kind === "WithdrawIdea") ? null : named("change", () => edit(card)),
        writes && open && card.state === "returned"
          ? h("button", { type: "button", class: "quiet", onClick: () => send(card, card.text, say("idea.moderation")) }, say("idea.again"))
          : null,
        failed
          ? h("button", { type: "button", class: "quiet", onClick: () => client.discard(card.item.id) }, say("phone.discard-do"))
          : named("withdraw", () => withdraw(card)),
      ]);
    }

    function again(card) {
      client.amend(card.item.id, {});
    }

    function editor(card) {
      const value = typed.value ?? (room.draft(key(card)) || card.text);
      return h("form", { onSubmit: event => save(event, card) }, [
        h("label", { for: "change", class: "label" }, say("phone.edit-label")),
        h("textarea", {
          id: "change",
          dir: "auto",
          value,
          "aria-invalid": mistake.value ? "true" : null,
          onInput: event => {
            editing.value = card.id;
            typed.value = event.target.value;
            mistake.value = "";
            room.write(key(card), typed.value);
          },
        }),
        mistake.value ? h("p", { class: "alert" }, mistake.value) : null,
        h("div", { class: "row" }, [
          h("button", { class: "main" }, say("phone.save-do")),
          h("button", { type: "button", class: "quiet", onClick: () => close(card) }, say("phone.cancel-do")),
        ]),
      ]);
    }

    return () => {
      const cards = room.own(props.phase?.id);
      const open = opened(cards);
      return h("section", { class: "own", "aria-labelledby": "yours" }, [
        h("h2", { id: "yours" }, say("phone.yours", { n: cards.length })),
        cards.length ? null : h("p", { class: "hint" }, say("phone.yours-none")),
        cards.length && room.get("board", props.phase?.board)?.frozen ? h("p", { class: "hint" }, say("board.frozen")) : null,
        h("ul", { class: "cards" }, cards.map(card => {
          const [word, state, why] = status(card);
          const cluster = card.cluster && room.get("cluster", card.cluster);
          return h("li", { key: card.id, id: `own-${card.id}`, class: ["card", word] }, [
            card.id === open
              ? editor(card)
              : [
                  room.wrote("p", card, { class: "text" }),
                  h("p", { class: "state" }, [
                    h("span", [
                      icon(h, ICONS[word] ?? "alert"),
                      h("span", state),
                      card.number ? h("span", { class: "number" }, ` · ${say("own.number", { number: card.number })}`) : null,
                      cluster ? h("span", ` · ${say("own.placed", { cluster: room.title(cluster.id) })}`) : null,
                    ]),
                  ]),
                  why ? h("p", { class: "why", dir: "auto" }, why) : null,
                  props.below?.(card),
                  actions(card),
                ],
          ]);
        })),
        taken.value
          ? h("p", { class: "row done" }, [
              h("span", taken.value.said),
              h("button", { type: "button", id: "undo", class: "quiet", onClick: undo }, say("undo")),
            ])
          : null,
      ]);
    };
  },
});
