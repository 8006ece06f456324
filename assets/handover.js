// "Hand this device on": all that is kept here goes, and what was not sent is counted before.

export default Vue => ({
  props: ["room", "give", "leave"],
  setup(props) {
    const { h } = Vue;
    const { room } = props;
    const { say, client } = room;
    const unsent = () => room.outbox.filter(it => it.text && it.status !== "saved").length + client.drafts().filter(it => it.text.trim()).length;

    function give() {
      props.give();
      room.announce(say("privacy.handed-over"));
    }

    return () => [
      h("h1", { tabindex: -1 }, say("privacy.handover-ask")),
      unsent() ? h("p", { class: "alert" }, say("privacy.handover-unsent", { n: unsent() })) : null,
      h("button", { type: "button", class: "main", onClick: give }, say("privacy.handover-do")),
      h("button", { type: "button", class: "wide", onClick: props.leave }, say("phone.back-do")),
    ];
  },
});
