// Everybody writes ideas: the field, one's own cards, and all that lie face up.

import Ideas from "./ideas.js";
import Own from "./own.js";
import Write from "./write.js";

export default Vue => {
  const [write, own, ideas] = [Write, Own, Ideas].map(make => make(Vue));
  return {
    props: ["room", "phase"],
    setup: props => () => {
      const { room, phase } = props;
      const open = ["waiting", "open"].includes(phase.state);
      // People place their own cards while they write.
      const place = idea => idea.number && ["open", "face-down", "waiting"].includes(idea.state) && room.clusters(phase.board).length ? room.part("place", { idea, board: phase.board, key: "place" }) : null;
      // A group that chooses has all of its cards in that list.
      const chooses = phase.settings.groups?.choose && room.get("board", phase.board)?.revealed;
      const n = room.own(phase.id).filter(card => !card.item).length;
      return [
        open || room.isHalfWritten(phase.id)
          ? Vue.h(write, { room, phase, key: phase.id })
          : Vue.h("p", { class: "done" }, room.say("phase.closed", { n })),
        Vue.h(own, { room, phase, below: phase.settings.cluster === "own" && open ? place : null }),
        phase.settings.show_all && !chooses ? Vue.h(ideas, { room, phase, key: phase.id }) : null,
      ];
    },
  };
};
