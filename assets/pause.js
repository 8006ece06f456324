// A break: until when, and one sentence.

export default Vue => ({
  props: ["room", "phase"],
  setup: props => () => {
    const { room, phase } = props;
    const until = phase.settings.until ?? (phase.ends ? room.clock(phase.ends) : null);
    return [
      Vue.h("p", { class: "lead" }, until ? room.say("phase.break", { time: until }) : room.say("phone.break-open")),
      room.told("p", phase.settings.sentence ?? {}, { class: "lead" }),
    ];
  },
});
