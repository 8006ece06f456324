// "I am ready": one tap, which can be taken back. Only how many are ready is ever shown.

export default Vue => ({
  props: ["room", "phase"],
  setup(props) {
    const { h, ref, watch } = Vue;
    const { room } = props;
    const { say, client } = room;
    const wanted = ref(null); // until the server has said it

    const stored = () => Boolean(room.get("ready", `${props.phase.id}/${props.phase.run}`));
    const isReady = () => wanted.value ?? stored();
    watch([stored, () => props.phase.run], () => (wanted.value = null));

    async function mark(ready) {
      wanted.value = ready;
      const { ok, error } = await client.do("MarkReady", { phase: props.phase.id, ready });
      if (!ok) wanted.value = null;
      room.announce(ok ? say(ready ? "ready.done" : "ready.undone") : room.refusal(error));
    }

    return () =>
      h("section", { class: "ready" }, [
        h("button", { type: "button", class: "wide", "aria-pressed": String(isReady()), onClick: () => mark(!isReady()) },
          isReady() ? [h("span", { "aria-hidden": "true" }, "\u2713 "), h("span", say("ready.do"))] : say("ready.do")),
        h("p", { class: "hint" }, say(isReady() ? "ready.done" : "ready.note")),
      ]);
  },
});
