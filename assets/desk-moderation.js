// What comes in and who may write: the queue of what waits to be read, muted authors, comments, answers, the frozen board.

import { bars } from "./answer-bars.js";
import { fromHere } from "./desk-focus.js";
import parts, { once } from "./desk-parts.js";

const REASONS = {
  return: ["desk.reason-names", "desk.reason-one", "desk.reason-clear"],
  reject: ["desk.reason-there", "desk.reason-topic", "desk.reason-hurts"],
};

export default Vue => {
  const { h, computed, ref, nextTick } = Vue;
  const { button, icon, Field } = parts(Vue);

  const byNumber = (a, b) => a.number - b.number;
  const flag = (desk, it) => (desk.isFlagged(it.text) ? h("p", { class: "flagged" }, [icon("eye"), h("span", desk.say("desk.flagged"))]) : null);

  // What waits to be read. Nothing is locked: whoever is faster decides, and the other is told.
  const Waiting = {
    props: { desk: Object, open: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      const waiting = computed(() => desk.all("idea").filter(idea => idea.state === "waiting").sort(byNumber));
      const decided = computed(() => desk.all("idea").filter(idea => idea.state === "returned" || idea.state === "rejected").sort(byNumber));

      async function accept(idea, event) {
        const row = event.currentTarget.closest("li");
        const next = row.nextElementSibling ?? row.previousElementSibling;
        const { id, number, rev } = idea;
        const give = fromHere();
        const answer = await desk.act("AcceptIdea", { idea: id, rev }, { what: say("did.accept", { number }) });
        if (answer.ok) desk.tell(say("desk.accepted", { number }));
        goOn(row, next, give);
      }

      // The focus goes to the next card as soon as this one has gone: its answer may be here before its record is.
      function goOn(row, next, give, patience = 20) {
        if (row.isConnected && patience) setTimeout(() => goOn(row, next, give, patience - 1), 50);
        else nextTick(() => give((row.isConnected ? row : next)?.querySelector("button")));
      }

      const column = idea => desk.get("board", idea.board)?.columns.find(it => it.id === idea.column);

      function card(idea) {
        const { number } = idea;
        return h("li", { key: idea.id, "data-waiting": idea.id }, [
          h("p", { lang: idea.lang || null, dir: "auto" }, [h("span", { class: "number" }, `${number} `), h("span", idea.text ?? say("card.erased"))]),
          column(idea) ? h("p", { class: "muted" }, desk.text(column(idea).title)) : null,
          flag(desk, idea),
          h("div", { class: "row" }, [
            button(say("desk.accept-do"), event => accept(idea, event), { icon: "check", kind: "small strong", "aria-label": say("desk.accept-named", { number }) }),
            button(say("desk.return-do"), () => (desk.open.value = { kind: "return", idea }), { kind: "small", "aria-label": say("desk.return-named", { number }) }),
            button(say("desk.reject-do"), () => (desk.open.value = { kind: "reject", idea }), { kind: "small", "aria-label": say("desk.reject-named", { number }) }),
          ]),
        ]);
      }

      const past = idea =>
        h("li", { key: idea.id }, [
          h("p", { lang: idea.lang || null, dir: "auto" }, [h("span", { class: "number" }, `${idea.number} `), h("span", idea.text ?? say("card.erased"))]),
          h("p", { class: "muted" }, `${say(`own.${idea.state}`)}: „${idea.reason ?? ""}“`),
        ]);

      return () => [
        waiting.value.length
          ? h("details", { open: props.open, class: "private-list" }, [
              h("summary", [icon("lock"), h("span", say("desk.waiting", { n: waiting.value.length }))]),
              h("ul", { class: "waiting-cards" }, waiting.value.map(card)),
            ])
          : null,
        decided.value.length
          ? h("details", { class: "private-list" }, [
              h("summary", [icon("lock"), h("span", `${say("desk.decided-title")} (${decided.value.length})`)]),
              h("ul", decided.value.map(past)),
            ])
          : null,
      ];
    },
  };

  // Who may not write, by what they wrote.
  const Muted = {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const text = id => (desk.get("idea", id) ?? desk.get("comment", id) ?? desk.get("answer", id))?.text ?? say("card.erased");

      return () => {
        const all = desk.all("mute");
        if (!all.length) return null;
        return h("details", { class: "private-list" }, [
          h("summary", [icon("lock"), h("span", say("desk.muted-title", { n: all.length }))]),
          h("ul", all.map(it =>
            h("li", { key: it.id }, [
              h("p", { dir: "auto" }, say(it.level === "removed" ? "desk.removed-of" : "desk.muted-of", { text: text(it.id) })),
              it.reason ? h("p", { class: "muted" }, `„${it.reason}“`) : null,
              desk.may("UnmuteAuthor")
                ? button(say(it.level === "removed" ? "desk.readmit-do" : "desk.unmute-do"), () => desk.act("UnmuteAuthor", { idea: it.id }, { what: say("did.unmute") }), { kind: "small" })
                : null,
            ]))),
        ]);
      };
    },
  };

  // A dialogue with one field for a reason: needed by the author, or for the log alone.
  function Reasoned({ label, note, suggested = [], needed = false, does, act }) {
    return {
      props: { desk: Object, idea: Object, of: Object, board: Object, back: Function, close: Function }, // back: whence it came
      setup(props) {
        const { desk } = props;
        const { say } = desk;
        const close = props.back ?? props.close;
        const field = ref(null);
        const missing = ref(false);
        const on = props.idea ?? props.of ?? props.board;

        const go = once(async () => {
          const reason = field.value.value.trim();
          missing.value = needed && !reason;
          if (missing.value) return field.value.focus();
          const answer = await act(desk, on, reason);
          if (!answer.ok && !["idea.decided", "idea.changed"].includes(answer.error.key)) return;
          field.value?.clear(); // it may have been closed meanwhile
          close();
        });

        return () => [
          props.board ? h("p", { class: "quote", dir: "auto" }, desk.boardName(on)) : null,
          on.text !== undefined ? h("p", { class: "quote", dir: "auto", lang: on.lang || null }, on.text ?? say("card.face-down", { number: on.number })) : null,
          suggested.length ? h("div", { class: "row" }, suggested.map(key => button(say(key), () => field.value.set(say(key)), { kind: "small", key }))) : null,
          h(Field, { desk, ref: field, keep: `reason/${does}/${on.id}`, label: say(label), rows: 2, max: 200, enter: go }),
          missing.value ? h("p", { class: "alert", role: "alert" }, say("error.reason.missing")) : null,
          h("p", { class: "muted" }, say(note)),
          h("div", { class: "row" }, [button(say(does), go, { kind: "strong" }), button(say("phone.cancel-do"), close, { kind: "quiet" })]),
        ];
      },
    };
  }

  const decision = (kind, did, told) => async (desk, { id, number, rev }, reason) => {
    const answer = await desk.act(kind, { idea: id, reason, rev }, { what: desk.say(did, { number }) });
    if (answer.ok) desk.tell(desk.say(told, { number }));
    return answer;
  };

  const because = reason => (reason ? { reason } : {});

  // Comments and answers have no number.
  const mute = (kind, did, told, unnumbered) => async (desk, { id, number }, reason) => {
    const answer = await desk.act(kind, { idea: id, ...because(reason) }, { what: desk.say(did) });
    if (answer.ok) desk.tell(number ? desk.say(told, { number }) : desk.say(unnumbered));
    return answer;
  };

  const board = (kind, field, did, told) => async (desk, { id }, reason) => {
    const answer = await desk.act(kind, { board: id, [field]: true, ...because(reason) }, { what: desk.say(did) });
    if (answer.ok) desk.tell(desk.say(told));
    return answer;
  };

  const Return = Reasoned({
    label: "desk.reason-needed", note: "desk.return-note", suggested: REASONS.return, needed: true, does: "desk.return-send-do",
    act: decision("ReturnIdea", "did.return", "desk.returned"),
  });
  const Reject = Reasoned({
    label: "desk.reason-needed", note: "desk.reject-note", suggested: REASONS.reject, needed: true, does: "desk.reject-send-do",
    act: decision("RejectIdea", "did.reject", "desk.rejected"),
  });
  const Mute = Reasoned({ label: "desk.reason-log", note: "desk.mute-note", does: "desk.mute-send-do", act: mute("MuteAuthor", "did.mute", "desk.muted", "desk.muted-author") });
  const Remove = Reasoned({ label: "desk.reason-log", note: "desk.remove-note", does: "desk.remove-send-do", act: mute("RemoveAuthor", "did.remove-author", "desk.removed", "desk.removed-author") });
  const Freeze = Reasoned({ label: "desk.reason-log", note: "desk.freeze-note", does: "desk.freeze-send-do", act: board("FreezeBoard", "frozen", "did.freeze", "desk.frozen") });
  const Lock = Reasoned({ label: "desk.reason-log", note: "desk.lock-note", does: "desk.lock-send-do", act: board("LockBoard", "locked", "did.lock", "desk.writing-paused") });
  const HideAnswer = Reasoned({
    label: "desk.hide-reason", note: "desk.hide-note-any", does: "desk.hide-do",
    act: (desk, { id }, reason) => desk.act("HideAnswer", { answer: id, ...because(reason) }, { what: desk.say("did.hide-answer") }),
  });
  const HideComment = Reasoned({
    label: "desk.hide-reason", note: "desk.hide-note-any", does: "desk.hide-do",
    act: (desk, { id }, reason) => desk.act("HideComment", { comment: id, ...because(reason) }, { what: desk.say("did.hide-comment") }),
  });

  // What can be done with a comment or an answer: the same for both, as far as this desk may. `back` is where it goes on.
  function tools(desk, it, kind, restore, back) {
    const { say } = desk;
    const hidden = it.state === "hidden";
    const may = does => desk.may(`${does}${kind}`);
    const name = kind.toLowerCase();
    const open = does => () => (desk.open.value = { kind: does, of: it, back });
    const rest = [
      desk.may("MuteAuthor") ? button(say("desk.mute-do"), open("mute"), { kind: "small" }) : null,
      desk.may("RemoveAuthor") ? button(say("desk.remove-do"), open("remove"), { kind: "small" }) : null,
      hidden && may("Erase") ? button(say("desk.erase-do"), open(`erase-${name}`), { kind: "small danger" }) : null,
    ].filter(Boolean);
    return [
      hidden && it.reason ? h("p", { class: "muted" }, `„${it.reason}“`) : null,
      h("div", { class: "row" }, [
        hidden && may("Restore") ? button(say("desk.unhide-do"), () => restore(it), { kind: "small" }) : null,
        !hidden && may("Hide") ? button(say("desk.hide-do"), open(`hide-${name}`), { kind: "small" }) : null,
        rest.length ? h("details", { class: "row-more" }, [h("summary", say("desk.more-do")), h("div", { class: "row" }, rest)]) : null,
      ]),
    ];
  }

  // What was said on one card.
  const Comments = {
    props: { desk: Object, idea: Object, close: Function },
    setup({ desk, idea, close }) {
      const { say } = desk;
      const again = () => (desk.open.value = { kind: "comments", idea });
      const restore = it => desk.act("RestoreComment", { comment: it.id }, { what: say("did.restore-comment") });
      return () => {
        const all = desk.all("comment").filter(it => it.idea === idea.id);
        return [
          h("p", { class: "quote", dir: "auto" }, idea.text),
          all.length ? null : h("p", say("comment.none")),
          h("ul", { class: "comment-list" }, all.map(it =>
            h("li", { key: it.id }, [
              h("p", { dir: "auto", lang: it.lang || null }, it.text),
              flag(desk, it),
              it.state === "hidden" ? h("p", { class: "muted" }, say("own.hidden")) : null,
              tools(desk, it, "Comment", restore, again),
            ]))),
          button(say("phone.close-do"), close),
        ];
      };
    },
  };

  const erasing = (kind, field) => ({
    props: { desk: Object, of: Object, back: Function, close: Function },
    setup(props) {
      const { desk, of } = props;
      const { say } = desk;
      const close = props.back ?? props.close;
      const erase = once(async () => {
        const answer = await desk.act(kind, { [field]: of.id });
        if (answer.ok) close();
      });
      return () => [
        h("p", { class: "quote", dir: "auto" }, of.text),
        h("p", say("desk.erase-ask")),
        h("div", { class: "row" }, [button(say("phone.cancel-do"), close, { "data-first": "" }), button(say("desk.erase-do"), erase, { kind: "danger" })]),
      ];
    },
  });
  const [EraseComment, EraseAnswer] = [erasing("EraseComment", "comment"), erasing("EraseAnswer", "answer")];

  // What all were asked, and what they answer.
  const Answers = {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const phase = computed(() => desk.current.value);
      const all = computed(() => desk.all("answer").filter(it => it.phase === phase.value.id));
      const n = () => desk.get("answers", phase.value.id)?.n ?? 0;

      function show() {
        desk.countDown(say("desk.answers-showing", { n: n() }), say("desk.answers-stopped"), () =>
          desk.act("ShowAnswers", { phase: phase.value.id }, { what: say("did.show-answers"), seen: true }),
        );
      }

      const restore = it => desk.act("RestoreAnswer", { answer: it.id }, { what: say("did.restore-answer") });

      const row = it =>
        h("li", { key: it.id }, [
          h("p", { class: "answer-text", dir: "auto", lang: it.lang || null }, it.text),
          flag(desk, it),
          tools(desk, it, "Answer", restore),
        ]);

      return () => {
        const { to, results, kind } = phase.value.settings;
        const shown = phase.value.doing?.shown;
        const open = all.value.filter(it => it.state !== "hidden");
        const hidden = all.value.filter(it => it.state === "hidden");
        return h("section", { class: "part answers", "aria-label": say("desk.answers") }, [
          h("h3", say("answer.count", { n: n() })),
          to === "facilitator" ? h("p", { class: "muted" }, [icon("lock"), h("span", say("desk.answers-private"))]) : null,
          results === "reveal" && !shown && desk.may("ShowAnswers") ? button(say("desk.answers-show-do"), show, { icon: "flip", kind: "strong" }) : null,
          kind === "scale" ? [bars(h, desk, phase.value), h("p", { class: "muted" }, say("desk.answers-totals"))] : null,
          open.length ? h("ul", { class: "answer-list" }, open.map(row)) : null,
          hidden.length
            ? h("details", { class: "private-list" }, [h("summary", [icon("lock"), h("span", say("desk.answers-hidden", { n: hidden.length }))]), h("ul", hidden.map(row))])
            : null,
        ]);
      };
    },
  };

  const numbered = (say, word, { idea }) => (idea ? `${word}: ${say("card.number", { number: idea.number })}` : word);

  // kind of dialogue -> what is open -> [title, part]
  const dialogs = ({ say }) => ({
    return: it => [say("desk.return-named", { number: it.idea.number }), Return],
    reject: it => [say("desk.reject-named", { number: it.idea.number }), Reject],
    mute: it => [numbered(say, say("desk.mute-send-do"), it), Mute],
    remove: it => [numbered(say, say("desk.remove-send-do"), it), Remove],
    freeze: () => [say("desk.freeze-send-do"), Freeze],
    lock: () => [say("desk.lock-send-do"), Lock],
    comments: it => [say("desk.comments-of", { number: it.idea.number }), Comments],
    "hide-comment": () => [say("desk.hide-do"), HideComment],
    "erase-comment": () => [say("desk.erase-do"), EraseComment],
    "hide-answer": () => [say("desk.hide-do"), HideAnswer],
    "erase-answer": () => [say("desk.erase-do"), EraseAnswer],
  });

  // The rows of a card's menu that are about its author and what is said on it.
  function menuItems(desk, idea, then) {
    const { say } = desk;
    const n = desk.all("comment").filter(it => it.idea === idea.id).length;
    const phone = idea.source === "phone";
    return [
      n ? [say("desk.comments-do", { n }), then(() => (desk.open.value = { kind: "comments", idea }))] : null,
      phone && desk.may("MuteAuthor") ? [say("desk.mute-do"), then(() => (desk.open.value = { kind: "mute", idea }))] : null,
      phone && desk.may("RemoveAuthor") ? [say("desk.remove-do"), then(() => (desk.open.value = { kind: "remove", idea }))] : null,
    ];
  }

  return { Waiting, Muted, Answers, dialogs, menuItems };
};
