// A choice among ideas or clusters. Each tap is saved at once, as the whole ballot with a higher number.

import { icon } from "./icons.js";
import Own from "./own.js";
import Results from "./results.js";
import Write from "./write.js";

export default Vue => {
  const [own, results, write] = [Own, Results, Write].map(make => make(Vue));
  return {
    props: ["room", "phase"],
    setup(props) {
      const { h, ref, watch } = Vue;
      const { room } = props;
      const { client, say } = room;
      const mistake = ref("");
      let soon = null;

      const sent = round => room.outbox.filter(it => it.kind === "CastBallot" && it.round === round);
      const pending = round => sent(round).filter(it => it.status !== "failed").pop();
      const ballot = round => pending(round) ?? room.get("ballot", round) ?? { rev: 0, choices: {} };
      // The desk has moved or taken down what was chosen.
      const freed = () => {
        const round = room.rounds(props.phase.id).pop();
        const n = round?.state === "open" && ballot(round.id).freed;
        return n ? say("vote.freed", { n }) : "";
      };
      watch(freed, text => text && room.announce(text));

      // What was said of a ballot that does not count, also one that an earlier page sent.
      function refusal(round) {
        const failed = sent(round.id).filter(it => it.status === "failed").pop();
        return failed ? room.refusal(failed.error) : "";
      }

      // For each person an order of their own, the same each time: nobody's card is always on top.
      function options(round) {
        const ideas = room.onBoard(props.phase.board);
        const filled = new Set(ideas.map(idea => idea.cluster));
        const of = typeof round.options === "string" ? round.options : null;
        const clusters = room.clusters(props.phase.board).filter(it => filled.has(it.id)).map(it => it.id);
        const alone = ideas.filter(idea => !idea.cluster || !room.get("cluster", idea.cluster)).map(it => it.id);
        const all = of === "ideas" ? ideas.map(it => it.id) : of ? [...clusters, ...alone] : round.options;
        const seed = `${room.state.you?.id}${round.id}`;
        return all.map(id => [hash(seed + id), id]).sort((a, b) => a[0] - b[0]).map(it => it[1]);
      }

      function cast(round, choices, sentence) {
        mistake.value = "";
        const rev = ballot(round.id).rev + 1;
        const done = client.do("CastBallot", { round: round.id, rev, choices }, { keep: true, lane: round.id });
        clearTimeout(soon);
        soon = setTimeout(() => room.announce(sentence), 600);
        done.then(({ ok, error }) => {
          if (!ok && error.key !== "replaced") room.announce(room.refusal(error));
        });
      }

      function dots(round) {
        const { dots: n, stack } = round.settings;
        const { choices } = ballot(round.id);
        const all = options(round);
        const used = Object.keys(choices).filter(id => all.includes(id)).reduce((sum, id) => sum + choices[id], 0);
        const rest = n - used;
        const left = it => (n === 1 && it === 0 ? say("vote.left-placed") : say("vote.left", { n, left: it }));
        const change = (id, by) => {
          const now = choices[id] ?? 0;
          if (by > 0 && (rest < 1 || (!stack && now))) {
            mistake.value = say(rest < 1 ? "vote.none-left" : "error.vote.one-dot-each");
            room.announce(mistake.value);
            return;
          }
          const next = Object.fromEntries(all.map(it => [it, (choices[it] ?? 0) + (it === id ? by : 0)]).filter(it => it[1] > 0));
          cast(round, next, left(rest - by));
        };
        return [
          h("p", { class: "lead" }, say(stack ? "vote.dots" : "vote.dots-single", { n })),
          list(all, id => {
            const k = choices[id] ?? 0;
            const title = room.title(id);
            return [
              h("button", {
                type: "button",
                class: "round",
                "aria-label": say("vote.minus", { title, k }),
                "aria-disabled": k ? null : "true",
                onClick: () => k && change(id, -1),
              }, "−"),
              h("span", { class: "dots" }, [
                h("span", { "aria-hidden": "true" }, k > 5 ? `●×${k}` : "●".repeat(k) || "0"),
                h("span", { class: "sr" }, say("vote.dots-on", { n: k })),
              ]),
              h("button", {
                type: "button",
                class: "round",
                "aria-label": say("vote.plus", { title, k }),
                "aria-disabled": rest > 0 && (stack || !k) ? null : "true",
                onClick: () => change(id, 1),
              }, "+"),
            ];
          }),
          h("div", { class: "foot" }, [h("strong", left(rest)), saved(round)]),
        ];
      }

      function approval(round) {
        const { choices } = ballot(round.id);
        const all = options(round);
        const n = all.filter(id => choices[id]).length;
        const toggle = id => {
          const next = Object.fromEntries(all.filter(it => (it === id ? !choices[it] : choices[it])).map(it => [it, 1]));
          cast(round, next, say("vote.approved-count", { n: Object.keys(next).length }));
        };
        return [
          h("p", { class: "lead" }, say("vote.approval")),
          h("ul", { class: "options approval" }, all.map(id =>
            h("li", { key: id, class: ["card", { chosen: choices[id] }] }, [
              h("label", [
                h("input", { type: "checkbox", checked: Boolean(choices[id]), onChange: () => toggle(id) }),
                title(id),
              ]),
            ]),
          )),
          h("div", { class: "foot" }, [h("strong", say("vote.approved-count", { n })), saved(round)]),
        ];
      }

      function title(id) {
        const idea = room.get("idea", id);
        const mark = idea ? idea.number : room.get("cluster", id)?.letter;
        const size = idea ? null : room.onBoard(props.phase.board).filter(it => it.cluster === id).length;
        return h("span", { class: "text option" }, [
          h("span", { class: "letter", translate: "no" }, mark),
          h("span", [
            room.titled("span", id),
            size ? h("span", { class: "hint" }, ` · ${say("card.count", { n: size })}`) : null,
          ]),
        ]);
      }

      const list = (all, more) =>
        h("ul", { class: "options" }, all.map(id =>
          h("li", { key: id, class: "card" }, [title(id), h("div", { class: "row" }, more(id))]),
        ));

      function saved(round) {
        const alert = mistake.value || refusal(round);
        if (alert) return h("span", { class: "alert" }, alert);
        const item = pending(round.id);
        if (item && item.status !== "saved") return h("span", say(room.state.connection === "offline" ? "vote.waiting" : "vote.saving"));
        return item || room.get("ballot", round.id) ? h("span", [icon(h, "check"), h("span", say("vote.saved"))]) : null;
      }

      function closed(round) {
        const { choices } = ballot(round.id);
        const chosen = Object.keys(choices);
        return [
          h("p", { class: "lead" }, round.state === "shown" ? say("vote.closed") : say("vote.pending")),
          refusal(round) ? h("p", { class: "alert" }, refusal(round)) : null,
          round.state === "shown" ? h(results, { room, round }) : null,
          h("h2", say("vote.your-choice")),
          chosen.length ? null : h("p", { class: "hint" }, say("vote.no-choice")),
          h("ul", { class: "cards" }, chosen.map(id =>
            h("li", { key: id, class: "card" }, [
              title(id),
              round.method === "dots" ? h("p", { class: "state" }, say("vote.dots-on", { n: choices[id] })) : null,
            ]),
          )),
        ];
      }

      function open(round) {
        return [
          h("p", { class: "hint" }, say(round.named ? "vote.named" : "vote.secret")),
          freed() ? h("p", { class: "done" }, freed()) : null,
          options(round).length ? null : h("p", { class: "hint" }, say("vote.no-options")),
          round.method === "approval" ? approval(round) : dots(round),
        ];
      }

      return () => {
        const { phase } = props;
        const round = room.rounds(phase.id).pop();
        const isOver = phase.state === "closed" && !room.closing(phase);
        const writes = phase.settings.takes_ideas && ["waiting", "open"].includes(phase.state);
        return [
          round?.number > 1 ? h("p", { class: "done" }, say("vote.again")) : null,
          round ? (round.state === "open" && !isOver ? open(round) : closed(round)) : null,
          writes || room.isHalfWritten(phase.id) ? h(write, { room, phase, label: say("vote.add-idea") }) : null,
          writes ? h(own, { room, phase }) : null,
        ];
      };
    },
  };
};

// FNV-1a, 32 bits, and MurmurHash3's last step: without it two people's orders would only be turned against each other.
function hash(text) {
  let sum = 2166136261;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 16777619);
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}
