// What people say to an idea: how many agree, and comments, folded away until somebody opens them.

import { icon } from "./icons.js";
import { newId } from "./live.js";

const LENGTH = 280; // characters: core/comments.py

export default Vue => ({
  props: ["room", "phase", "idea"],
  setup(props) {
    const { h, ref, nextTick } = Vue;
    const { room } = props;
    const { client, say } = room;
    const chosen = ref(null); // open or not, once somebody has said so; until then as something begun asks for it
    const mistake = ref("");
    const pressed = ref(null); // what was tapped, until the server has said it

    const key = () => `${props.phase.id}.comment.${props.idea.id}`;
    const open = () => chosen.value ?? Boolean(room.draft(key()).trim());
    const isOpen = () => ["waiting", "open"].includes(room.get("phase", props.phase.id)?.state);
    const isOwn = () => Boolean(room.get("own", props.idea.id));

    function comments() {
      const mine = room.all("said").filter(it => it.idea === props.idea.id);
      const others = room.all("comment").filter(it => it.idea === props.idea.id && !room.get("said", it.id));
      const coming = room.outbox.filter(it => it.kind === "PostComment" && it.idea === props.idea.id && !room.get("said", it.id));
      return [...others, ...mine.map(it => ({ ...it, mine: true })), ...coming.map(it => ({ ...it, mine: true, item: it }))];
    }

    // --- agreeing

    const agrees = () => pressed.value ?? Boolean(room.get("agreed", props.idea.id));

    async function agree() {
      const { id, number } = props.idea;
      const on = !agrees();
      pressed.value = on;
      const answer = await room.wish("PlusOne", { phase: props.phase.id, idea: id, on }, `plus.${id}`);
      if (answer.error?.key === "replaced") return;
      pressed.value = null;
      room.announce(answer.ok ? say(on ? "plus.given" : "plus.taken", { number }) : room.refusal(answer.error));
    }

    function plus() {
      const n = room.get("pluses", props.idea.id)?.n ?? 0;
      const count = n ? h("span", { class: "count" }, say("plus.count", { n })) : null;
      if (isOwn() || !isOpen()) return count;
      return [
        h(
          "button",
          { type: "button", class: "quiet", "aria-pressed": String(agrees()), "aria-label": say("plus.named", { number: props.idea.number }), onClick: agree },
          [agrees() ? icon(h, "check") : null, h("span", say("plus.do"))],
        ),
        count,
      ];
    }

    // --- commenting

    let isFresh = false; // nothing has been typed since the last one was sent: a second tap means nothing

    async function post(event) {
      event.preventDefault();
      const text = room.draft(key()).trim();
      if (!text && isFresh) return;
      if (!text || [...text].length > LENGTH) {
        const long = [...text].length - LENGTH;
        mistake.value = text ? say("idea.too-long", { n: long }) : say("idea.empty");
        return room.announce(mistake.value);
      }
      const id = newId();
      chosen.value = isFresh = true;
      room.write(key(), "");
      const answer = await client.do("PostComment", { phase: props.phase.id, idea: props.idea.id, text, lang: room.lang }, { id, keep: true });
      room.announce(answer.ok ? say("comment.saved") : `${say("comment.failed")} ${room.refusal(answer.error)}`);
    }

    // Back into the field, if nothing else was begun there.
    function again(it) {
      if (it.tried || !client.amend(it.id, {})) room.announce(say("own.sending"));
    }

    async function withdraw(it) {
      if (it.item) return void client.discard(it.item.id);
      const answer = await room.wish("WithdrawComment", { comment: it.id });
      room.announce(answer.ok ? say("comment.withdrawn") : room.refusal(answer.error));
    }

    function own(it) {
      const failed = it.item?.status === "failed";
      const state = failed ? `${say("comment.failed")} ${room.refusal(it.item.error)}` : it.item ? say("own.sending") : "";
      const hidden = it.state === "hidden" ? say("comment.hidden", { reason: it.reason ?? "" }) : "";
      return [
        state || hidden ? h("p", { class: "why" }, state || hidden) : null,
        h("div", { class: "row" }, [
          failed ? h("button", { type: "button", class: "quiet", onClick: () => again(it.item) }, say("idea.again")) : null,
          isOpen() || failed
            ? h("button", { type: "button", class: "quiet", "aria-label": say("phone.withdraw-named", { text: it.text }), onClick: () => withdraw(it) }, say("phone.withdraw-do"))
            : null,
        ]),
      ];
    }

    function form() {
      if (!isOpen() && !room.draft(key()).trim()) return null;
      if (room.all("muted").length && !room.draft(key()).trim()) return null;
      const id = `comment-${props.idea.id}`;
      return h("form", { novalidate: true, onSubmit: post }, [
        h("label", { for: id, class: "label" }, say("comment.label", { number: props.idea.number })),
        h("textarea", {
          id,
          rows: 2,
          dir: "auto",
          value: room.draft(key()),
          "aria-invalid": mistake.value ? "true" : null,
          onInput: event => {
            chosen.value = true;
            mistake.value = "";
            isFresh = false;
            room.write(key(), event.target.value);
          },
        }),
        mistake.value ? h("p", { class: "alert" }, mistake.value) : null,
        h("button", { class: "wide" }, say("comment.post-do")),
      ]);
    }

    function toggle() {
      chosen.value = !open();
      if (chosen.value) nextTick(() => document.getElementById(`comment-${props.idea.id}`)?.focus());
    }

    return () => {
      const { comments: allowed, plus_one } = props.phase.settings;
      const all = allowed ? comments() : [];
      const number = props.idea.number;
      return h("div", { class: "talk" }, [
        h("div", { class: "row" }, [
          plus_one ? plus() : null,
          allowed
            ? h(
                "button",
                { type: "button", class: "quiet", "aria-expanded": String(open()), "aria-label": say("comment.open-named", { number, n: all.length }), onClick: toggle },
                say("comment.count", { n: all.length }),
              )
            : null,
        ]),
        open() && allowed
          ? [
              all.length
                ? h("ul", { class: "comments" }, all.map(it => h("li", { key: it.id }, [room.wrote("p", it, { class: "text" }), it.mine ? own(it) : null])))
                : h("p", { class: "hint" }, say("comment.none")),
              form(),
            ]
          : null,
      ]);
    };
  },
});
