// While people arrive: a text, and that they are in.

export default Vue => ({
  props: ["room", "phase"],
  setup: props => () => [
    Vue.h("p", { class: "lead" }, props.room.say("join.in")),
    props.room.told("p", props.phase.settings.text ?? {}, { class: "lead" }),
    Vue.h("p", { class: "touch hint" }, props.room.say("join.rest")),
  ],
});
