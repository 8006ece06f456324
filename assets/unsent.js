// What was written on this device and has not been sent, where no field shows it: begun in a tab that is closed or in
// an earlier step, meant for a card that went away, or refused after the room had moved on.

export default Vue => ({
  props: ["room", "at", "go"],
  setup(props) {
    const { h, ref, watch, nextTick, onBeforeUnmount } = Vue;
    const { room } = props;
    const { client, say } = room;
    const seen = ref(0);
    const look = () => seen.value++; // another tab has written, sent or discarded something
    addEventListener("storage", look);
    onBeforeUnmount(() => removeEventListener("storage", look));

    // What a name of a draft says: PHASE, or PHASE.IDEA, PHASE.comment.IDEA, PHASE.title.IDEA.
    function meant(key) {
      const [phase, kind, idea = kind] = key.split(".");
      return { phase, kind: idea === kind ? (idea ? "edit" : "text") : kind, idea };
    }

    // Whether a step shows a field, or the card, for this.
    function hasPlace({ phase: id, kind, idea }) {
      const phase = room.get("phase", id);
      if (!phase || kind === "text") return Boolean(phase);
      if (kind === "edit") return room.own(id).some(it => it.id === idea);
      if (kind === "title") return ["waiting", "open"].includes(phase.state) && !room.get("board", phase.board)?.locked;
      return Boolean(phase.settings.comments) && room.onBoard(phase.board).some(it => it.id === idea);
    }

    const refused = it => ({
      ...it,
      text: it.text ?? it.title,
      phase: it.phase ?? room.get("own", it.idea)?.phase,
      kind: { PostComment: "comment", EditIdea: "edit" }[it.kind] ?? "text",
    });

    function left() {
      if (!room.state.you) return []; // what is there has not come yet
      const drafts = client.drafts().map(it => ({ ...it, ...meant(it.key) })).filter(it => it.text.trim());
      const failed = room.outbox.filter(it => it.status === "failed" && (it.text || it.title)).map(refused);
      const isSeen = it => it.phase === props.at && hasPlace(it);
      const isCard = it => props.at === "end" && room.own().some(card => card.item?.id === it.id);
      return (seen.value, [
        ...drafts.filter(it => !isSeen(it) || (!it.isMine && it.text !== room.draft(it.key))),
        ...failed.filter(it => !isSeen(it) && !isCard(it)),
      ]);
    }

    function take(it) {
      const now = room.draft(it.key);
      client.discardDraft(it);
      room.write(it.key, it.text);
      if (now.trim()) client.putAside(it.key, now);
      const field = { comment: `#comment-${it.idea}`, edit: "#change", title: `#cluster-title-${it.idea}` }[it.kind] ?? "form.write textarea";
      nextTick(() => focus(field));
    }

    // As soon as it is drawn, unless somebody has begun to write elsewhere.
    function focus(field, patience = 20) {
      const it = document.querySelector(field);
      if (!it && patience) return void setTimeout(focus, 50, field, patience - 1);
      if (!document.activeElement.matches("textarea, input")) it?.focus();
    }

    function discard(it) {
      if (it.error) return void client.discard(it.id);
      if (it.isMine) room.write(it.key, "");
      else client.discardDraft(it);
      look();
    }

    function where(it) {
      const phase = room.get("phase", it.phase);
      const place = phase && it.phase !== props.at ? `${say("phone.step", { i: phase.order, n: room.session.phases })} · ${room.activity(phase)}` : "";
      const why = it.error ? `${say("own.failed")}. ${room.refusal(it.error)}` : "";
      return [place, why || (it.isMine || !hasPlace(it) ? "" : say("unsent.tab")), hasPlace(it) ? "" : say("unsent.gone")].filter(Boolean);
    }

    function line(it) {
      const isHere = it.phase === props.at;
      const named = (word, does) => h("button", { type: "button", class: "quiet", "aria-label": `${word}: ${it.text}`, onClick: does }, word);
      return h("li", { key: it.name ?? it.id, class: "card" }, [
        room.wrote("p", it, { class: "text" }),
        where(it).map(sentence => h("p", { class: "why" }, sentence)),
        h("div", { class: "row" }, [
          isHere && !it.isMine && !it.error && hasPlace(it) ? named(say("desk.to-field-do"), () => take(it)) : null,
          !isHere && hasPlace(it) && room.session.state !== "ended" ? named(say("phase.finish"), () => props.go(it.phase)) : null,
          named(say("phone.discard-do"), () => discard(it)),
        ]),
      ]);
    }

    const homeless = () => left().filter(it => it.phase === props.at && !hasPlace(it)).length;
    watch(homeless, (n, before) => n > before && room.announce(say("unsent.gone")));

    return () => {
      const all = left();
      if (!all.length) return null;
      return h("section", { class: "unsent", "aria-labelledby": "unsent" }, [
        h("h2", { id: "unsent" }, say("unsent.title", { n: all.length })),
        h("ul", { class: "cards" }, all.map(line)),
      ]);
    };
  },
});
