// What the screens show, as text: for who cannot see them, sits in the last row, or follows by video.

import { shown } from "./results.js";
import { boardName, groupName } from "./tables.js";

export default Vue => {
  const { h, watch } = Vue;

  return {
    props: ["room", "leave"],
    setup(props) {
      const { room } = props;
      const { say } = room;
      const phase = () => room.client.get("phase", room.session?.phase);
      const screens = () => room.all("screen").slice().sort((a, b) => (b.id === "main") - (a.id === "main") || (a.title < b.title ? -1 : 1));
      const counts = () => room.get("counts", "counts"); // null for a second, as long as nothing of it is told

      // Said once when something else is shown; never what is on it, and never single cards.
      const key = () => JSON.stringify([room.session?.phase, screens().map(({ id, shows }) => [id, { ...shows, page: 0 }])]);
      watch(key, (now, before) => now !== before && room.announce(say("shown.changed")));

      const cards = list => h("ul", { class: "cards" }, list.map(idea =>
        h("li", { key: idea.id, class: "card" }, [
          h("span", { class: "number" }, `${say("card.number", { number: idea.number })} `),
          room.wrote("span", idea),
        ]),
      ));

      function board(id) {
        const ideas = room.onBoard(id);
        if (!ideas.length) return h("p", say("screen.no-ideas"));
        const clusters = room.clusters(id).filter(it => ideas.some(idea => idea.cluster === it.id));
        const known = new Set(clusters.map(it => it.id));
        const alone = ideas.filter(idea => !known.has(idea.cluster));
        return [
          clusters.map(it => cluster(it.id)),
          alone.length && clusters.length ? h("h3", say("cluster.unplaced")) : null,
          alone.length ? cards(alone) : null,
        ];
      }

      function cluster(id) {
        const it = room.get("cluster", id);
        const ideas = it ? room.onBoard(it.board).filter(idea => idea.cluster === id) : [];
        return [h("h3", [it ? h("span", { translate: "no" }, `${it.letter} `) : null, room.titled("span", id), h("span", ` (${ideas.length})`)]), cards(ideas)];
      }

      function results(round) {
        if (!round) return h("p", say("phone.results-none"));
        const unit = round.method === "dots" ? "vote.dots-on" : "vote.votes-on";
        const results = room.results(round.id);
        const rest = results.length - shown(results);
        return [
          h("ol", results.slice(0, shown(results)).map(({ option, number }) =>
            h("li", { key: option }, [room.titled("span", option), h("span", `: ${say(unit, { n: number })}`)]),
          )),
          rest ? h("p", say("screen.results-rest", { n: rest })) : null,
        ];
      }

      const shownRounds = () => room.all("round").filter(it => it.state === "shown");

      function vote(it) {
        const round = room.rounds(it.id).pop();
        if (round?.state === "shown") return results(round);
        if (!counts()) return null;
        const { voted: k = 0, joined: n = 0 } = counts();
        return h("p", n >= k && n ? say("screen.voted", { k, n }) : say("screen.voted-people", { n: k }));
      }

      function discuss(it) {
        const { items = [], item = null } = it.doing ?? {};
        if (!items.length) return h("p", say("discuss.none"));
        if (!item) return h("ol", items.map(id => h("li", { key: id }, room.titled("span", id))));
        const note = room.get("note", `${it.id}/${item}`);
        return [
          h("p", say("discuss.item", { i: items.indexOf(item) + 1, n: items.length })),
          room.get("cluster", item) ? cluster(item) : h("h3", room.titled("span", item)),
          note ? [h("h3", say("screen.notes")), h("p", { dir: "auto" }, note.text)] : null,
        ];
      }

      // A group's board by its table, and what is asked there.
      const named = it => (it?.of ? [h("h3", boardName(room, it)), room.text(it.prompt) ? room.told("p", it.prompt) : null] : room.told("h3", it?.title));

      function following() {
        const it = phase();
        if (room.session.state === "ended") return h("p", say("screen.end"));
        if (!it || it.activity === "welcome") return way();
        const heading = room.told("h3", room.text(it.prompt) ? it.prompt : it.title);
        const { face_down: n } = counts() ?? {};
        const covered = it.settings.private && room.get("board", it.board)?.revealed === false;
        if (it.activity === "vote") return [heading, vote(it)];
        if (it.activity === "discuss") return [heading, discuss(it)];
        if (it.activity === "pause") {
          return [heading, h("p", it.ends ? say("phase.break", { time: room.clock(it.ends) }) : say("screen.pause"))];
        }
        if (!it.board) return heading;
        if (it.settings.groups && !it.settings.groups.back) {
          const { size, rotate } = it.settings.groups;
          const [what, where] = size === 1 ? ["screen.alone"] : ["screen.working", rotate ? "screen.tables" : "screen.groups"];
          return [heading, h("p", [say(what), where ? say(where) : "", counts() ? say("screen.working-cards", { n: counts().ideas ?? 0 }) : ""].filter(Boolean).join(" "))];
        }
        return [heading, covered ? (counts() ? h("p", say("screen.private", { n: n ?? 0 })) : null) : board(it.board)];
      }

      const way = () => [room.told("p", room.session.title), h("p", say("shown.code", { code: room.session.code }))];

      const contents = {
        phase: following,
        code: way,
        board: shows => [named(room.get("board", shows.board)), board(shows.board ?? phase()?.board)],
        cluster: shows => cluster(shows.cluster),
        card: shows => cards([room.get("idea", shows.idea)].filter(Boolean)),
        results: shows => results(shows.round ? room.get("round", shows.round) : shownRounds().pop()),
        groups: () => h("ul", (counts()?.groups ?? []).map(it =>
          h("li", { key: it.id }, `${groupName(room, it)}: ${say("group.people", { n: it.people })} ${say("card.count", { n: it.ideas })}`),
        )),
        countdown: ({ until }) => {
          const ends = until ?? phase()?.ends;
          return h("p", ends ? say("shown.until", { time: room.clock(ends) }) : say("shown.no-clock"));
        },
        message: shows => h("p", { dir: "auto" }, shows.text ?? ""),
        black: () => h("p", say("shown.black")),
      };

      return () => {
        const list = screens();
        return [
          h("h1", { tabindex: -1 }, say("shown.title")),
          list.map(it =>
            h("section", { key: it.id, class: "shown" }, [
              h("h2", { class: list.length > 1 ? null : "sr" }, it.title || say("shown.main")),
              (contents[it.shows.what] ?? following)(it.shows),
            ]),
          ),
          h("button", { type: "button", class: "wide", onClick: props.leave }, say("phone.back-do")),
        ];
      };
    },
  };
};
