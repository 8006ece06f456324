// The desk: where a facilitator runs a workshop. On a laptop three columns, on a phone a remote control.

import agenda from "./desk-agenda.js";
import board from "./desk-board.js";
import clock from "./desk-clock.js";
import dialog from "./desk-dialog.js";
import keepFocus from "./desk-focus.js";
import groups from "./desk-groups.js";
import moderation from "./desk-moderation.js";
import next from "./desk-next.js";
import now from "./desk-now.js";
import parts from "./desk-parts.js";
import people from "./desk-people.js";
import plan from "./desk-plan.js";
import queue from "./desk-queue.js";
import screen from "./desk-screen.js";
import store from "./desk-store.js";
import talk from "./desk-talk.js";
import vote from "./desk-vote.js";
import { connect } from "./live.js";
import { sayer } from "./say.js";
import { storage } from "./storage.js";

export default Vue => {
  const { h, computed, nextTick, ref, watch, onMounted, onBeforeUnmount } = Vue;
  const { button, icon, shape } = parts(Vue);
  const deskOf = store(Vue);
  const { Answers } = moderation(Vue);
  const { Waiting } = people(Vue);
  const { Queue, Scribe } = queue(Vue);
  const [Agenda, Board, Clock, Dialogs, Groups, Next, Now, Plan, Screen, Talk, Vote] =
    [agenda, board, clock, dialog, groups, next, now, plan, screen, talk, vote].map(part => part(Vue));

  // Apart from what a phone's page keeps in the same browser.
  function apart(kept, prefix) {
    return {
      getItem: key => kept.getItem(prefix + key),
      setItem: (key, value) => kept.setItem(prefix + key, value),
      removeItem: key => kept.removeItem(prefix + key),
      keys: () => kept.keys().filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length)),
    };
  }

  // NiceGUI's own Socket.IO client, made to do as ours does on phones.
  const stock = (namespace, options) => window.io(namespace, {
    forceNew: true,
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    randomizationFactor: 0.5,
    timeout: 8000,
    ...options,
  });

  function makeDesk(about) {
    const kept = apart(storage(window), "desk.");
    const memory = {
      get: key => kept.getItem(`${about.code}.${key}`),
      set: (key, value) => kept.setItem(`${about.code}.${key}`, value),
    };
    const say = sayer(about.language, about.words);
    const client = connect({ io: stock, code: about.code, role: "facilitator", storage: kept, getToken: had => liveToken(about.code, had) });
    window.addEventListener("online", client.wake);
    window.addEventListener("pageshow", client.wake);
    document.addEventListener("visibilitychange", () => document.hidden || client.wake());
    return deskOf(client, say, about, memory);
  }

  async function liveToken(code, token) {
    const response = await fetch(`/auth/live/${code}`, { method: "POST", body: JSON.stringify({ token }), headers: { "Content-Type": "application/json" } });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.key), { key: answer.key });
    return answer.token;
  }

  // A sentence that stays while the connection is gone, and what was said last.
  const Bar = {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const lost = ref(false);
      let timer = null;
      watch(
        () => desk.link.value,
        ({ connection, refused }) => {
          clearTimeout(timer);
          if (connection === "online") {
            if (lost.value) desk.tell(say("desk.restored"));
            lost.value = false;
          } else {
            timer = setTimeout(() => (lost.value = true), refused ? 0 : 2000);
          }
        },
        { immediate: true },
      );
      return () => {
        const { refused } = desk.link.value;
        const sentence = refused ? (refused === "token.invalid" ? say("access.desk") : desk.sentenceOf({ key: refused })) : say("desk.lost");
        return h("div", { class: "bars" }, [
          lost.value ? h("p", { class: "bar alert", role: "alert" }, sentence) : null,
          desk.about.readOnly ? h("p", { class: "bar" }, say("desk.read-only")) : null,
        ]);
      };
    },
  };

  const Spoken = {
    props: { desk: Object },
    setup: ({ desk }) => () =>
      h("div", { class: "spoken" }, [
        h("p", { class: "sr", role: "status" }, desk.aloud.value),
        desk.spoken.map(line =>
          h("div", { key: line.id, class: ["toast", line.kind] }, [
            h("span", line.sentence),
            h("button", { type: "button", class: "card-menu", "aria-label": desk.say("phone.close-do"), onClick: () => desk.dismiss(line.id) }, icon("close")),
          ]),
        ),
      ]),
  };

  // Three seconds in which Stop has the focus.
  const Countdown = {
    props: { desk: Object },
    setup({ desk }) {
      const stop = ref(null);
      let before = null;
      watch(() => Boolean(desk.count.value), counting => counting && (before = document.activeElement));
      watch(() => Boolean(desk.count.value), counting => {
        if (counting) stop.value?.focus();
        else if (document.activeElement === document.body) before?.focus();
      }, { flush: "post" });
      return () => {
        const it = desk.count.value;
        return it
          ? h("div", { class: "countdown" }, [
              h("p", [h("span", it.sentence), h("strong", { "aria-hidden": "true" }, String(it.left))]),
              h("button", { type: "button", class: "button strong", ref: stop, onClick: desk.stop, onKeydown: event => event.key === "Escape" && desk.stop() }, desk.say("desk.stop")),
            ])
          : null;
      };
    },
  };

  // What is asked, and the guide that the facilitator alone sees.
  const Question = {
    props: { desk: Object, folded: Boolean },
    setup(props) {
      const { desk } = props;
      const { say } = desk;
      return () => {
        const phase = desk.current.value;
        if (!phase) return h("div", { class: "question" }, [h("h2", say("desk.not-started"))]);
        const guide = desk.text(phase.guide);
        return h("div", { class: "question" }, [
          h("p", { class: "question-title" }, [
            shape(phase.stage),
            phase.stage ? h("span", say(`stage.${phase.stage}`)) : null,
            h("strong", { lang: desk.langOf(phase.title) }, desk.text(phase.title)),
          ]),
          desk.text(phase.prompt) ? h("h2", { lang: desk.langOf(phase.prompt), dir: "auto" }, desk.text(phase.prompt)) : null,
          guide && !props.folded
            ? h("details", { class: "private" }, [
                h("summary", [icon("lock"), h("span", say("desk.guide-mark"))]),
                h("p", { lang: desk.langOf(phase.guide) }, guide),
              ])
            : null,
        ]);
      };
    },
  };

  // In the place of "Next" on the desk of a helper: what this desk is for, and its own undo.
  const Helper = {
    props: { desk: Object },
    setup: ({ desk }) => () => {
      const { say } = desk;
      const last = desk.done[desk.done.length - 1];
      return h("section", { class: "desk-foot", "aria-label": say(`link.${desk.about.role}`) }, [
        h("div", { class: "foot-open", id: "desk-next", tabindex: -1 }, [h("p", [h("strong", `${say(`link.${desk.about.role}`)}: `), h("span", say(`link.${desk.about.role}-how`))])]),
        h("div", { class: "foot-left" }, last ? [button(say("desk.undo-named", { what: last.what }), () => desk.undo(), { icon: "undo", kind: "quiet small undo" })] : []),
      ]);
    },
  };

  // Where no board is in use: how people get in.
  const JoinSheet = {
    props: { desk: Object },
    setup: ({ desk }) => () =>
      h("div", { class: "join-sheet" }, [
        h("div", { class: "qr", innerHTML: desk.about.qr }),
        h("div", [
          h("p", { class: "join-code", translate: "no" }, desk.about.spaced),
          h("p", { class: "join-address", translate: "no" }, desk.about.join),
          h("p", { class: "muted" }, desk.say("screen.no-app")),
        ]),
      ]),
  };

  // Does the room see this page? Asked once; then what is private is folded away.
  const Mirror = {
    props: { desk: Object, answer: Function },
    setup: ({ desk, answer }) => () =>
      h("section", { class: "mirror", "aria-label": desk.say("desk.mirror") }, [
        h("p", [icon("screen"), h("span", desk.say("desk.mirror"))]),
        h("div", { class: "row" }, [
          button(desk.say("desk.mirror-yes-do"), () => answer("yes")),
          button(desk.say("desk.mirror-no-do"), () => answer("no"), { kind: "strong" }),
        ]),
      ]),
  };

  return {
    props: { about: Object },
    setup({ about }) {
      const desk = makeDesk(about);
      const { say } = desk;
      const mirror = ref(desk.memory.get("mirror"));
      const folded = ref(mirror.value === "yes");
      const small = window.matchMedia("(max-width: 899px)");
      const narrow = ref(small.matches);
      const resized = () => (narrow.value = small.matches);
      const shownBoard = ref(false); // the board beside a discussion or a result
      const more = ref(false); // the tools that are seldom needed
      const listed = ref(false); // the board on the remote control

      onMounted(() => small.addEventListener("change", resized));
      onMounted(() => keepFocus(document.body));
      onBeforeUnmount(() => {
        small.removeEventListener("change", resized);
        desk.client.close();
      });

      function answer(word) {
        mirror.value = word;
        desk.memory.set("mirror", word);
        folded.value = word === "yes";
        if (word === "yes") desk.tell(say("desk.mirror-hidden"));
      }

      const activity = computed(() => desk.current.value?.activity);
      const isAway = computed(() => Boolean(desk.chosen.value) && desk.chosen.value !== desk.current.value?.board);
      const empty = computed(() => !desk.board.value);
      const asks = computed(() => ["check_in", "reflect"].includes(activity.value) && !isAway.value);

      function middle() {
        return [
          h(Question, { desk, folded: folded.value }),
          h(Groups, { desk }),
          asks.value ? h(Answers, { desk, key: desk.current.value.id }) : empty.value ? h(JoinSheet, { desk }) : null,
          activity.value === "discuss" && !isAway.value ? h(Talk, { desk, key: desk.current.value.id }) : null,
          activity.value === "vote" ? h(Vote, { desk, bars: true }) : null,
          activity.value === "discuss"
            ? button(say(shownBoard.value ? "desk.board-fold-do" : "desk.board-show-do"), () => (shownBoard.value = !shownBoard.value), { kind: "small" })
            : null,
          empty.value || (activity.value === "discuss" && !shownBoard.value) ? null : wall(),
        ];
      }

      // In groups, or where another board is looked at than the phase's own, it says which one it is.
      const isElsewhere = computed(() => desk.isGrouped.value || desk.board.value?.id !== desk.current.value?.board);
      const isNowhere = computed(() => desk.isGrouped.value && !desk.chosen.value && !desk.opened.value);

      function wall() {
        if (isNowhere.value) return h("p", { class: "empty" }, nowhere());
        return [boardTitle(), h(Board, { desk })];
      }

      const nowhere = () => say(desk.isAlone.value ? "desk.groups-alone" : "desk.groups-empty");

      function boardTitle() {
        const board = desk.board.value;
        if (!isElsewhere.value) return null;
        const prompt = board.of ? desk.text(board.prompt) : "";
        return h("div", { class: "board-title" }, [
          h("h2", say("desk.board-of", { board: desk.boardName(board) })),
          desk.isGrouped.value ? null : button(say("desk.board-back-do"), () => (desk.chosen.value = null), { icon: "back", kind: "small quiet" }),
          prompt ? h("p", { class: "muted", lang: desk.langOf(board.prompt), dir: "auto" }, prompt) : null,
        ]);
      }

      // What nearly every workshop needs; the rest is behind "More", which stays as it is while the page lives.
      function tools() {
        return h("div", { class: "desk-tools", role: "group", "aria-label": say("desk.tools") }, [
          about.keeps ? tool("link.title", () => (desk.open.value = { kind: "links" }), "link") : null,
          desk.may("EndSession") && !ended() ? h("a", { class: "button small quiet", href: about.harvest }, [icon("list"), h("span", say("desk.harvest-do"))]) : null,
          tool(folded.value ? "desk.show-private-do" : "desk.hide-private-do", () => (folded.value = !folded.value), "eye"),
          ended() || !desk.may("EndSession") ? null : tool("desk.end-do", end, "end"),
          seldom(),
        ]);
      }

      const tool = (key, does, name) => button(say(key), does, { icon: name, kind: "small quiet" });

      function seldom() {
        const rows = [
          desk.session.value?.state === "running" && desk.may("BringEverybody") ? tool("desk.bring-do", bring, "people") : null,
          desk.may("LetIn") ? tool("door.title", () => (desk.open.value = { kind: "door" }), "door") : null,
          desk.may("CarryForward") ? tool("carry.menu-do", () => (desk.open.value = { kind: "carry" }), "next") : null,
          desk.board.value && desk.may("FreezeBoard") && !ended() ? freezing(desk.board.value) : null,
          desk.done.length > 1 ? tool("desk.done-do", () => (desk.open.value = { kind: "undos" }), "undo") : null,
        ].filter(Boolean);
        if (!rows.length) return null;
        return h("details", { class: "tools-more", open: more.value, onToggle: unfold }, [h("summary", say("desk.more-do")), rows]);
      }

      const freezing = board =>
        board.frozen
          ? tool("desk.unfreeze-do", () => desk.thaw(board), "lock")
          : tool("desk.freeze-do", () => (desk.open.value = { kind: "freeze", board }), "lock");

      // What comes into view below the edge of its column is brought into sight.
      function unfold({ target }) {
        if (target.open && !more.value) target.scrollIntoView({ block: "nearest" });
        more.value = target.open;
      }

      async function bring() {
        const answer = await desk.act("BringEverybody", {});
        if (answer.ok) desk.tell(say("desk.brought"));
      }

      const ended = () => desk.session.value?.state === "ended" || desk.session.value?.state === "planned";

      function end() {
        desk.countDown(say("desk.ending"), say("desk.end-stopped"), () => desk.act("EndSession", {}, { what: say("did.finish") }));
      }

      function aside() {
        return h("aside", { class: "desk-now", "aria-label": say("desk.now") }, [
          h(Now, { desk, joins: empty.value }),
          h(Waiting, { desk }),
          desk.may("ExtendPhase") ? h(Clock, { desk }) : null,
          desk.may("CloseRound") ? h(Vote, { desk }) : null,
          desk.may("AdmitLate") ? incoming() : null,
          desk.may("Show") ? h(Screen, { desk, brief: narrow.value }) : null,
        ]);
      }

      // Where cards are read before all see them, reading comes before writing.
      function incoming() {
        const parts = [h(Scribe, { desk, key: "scribe" }), h(Queue, { desk, folded: folded.value, key: "queue" })];
        return desk.current.value?.settings?.approval ? parts.reverse() : parts;
      }

      function remote() {
        return h("div", { class: "desk remote" }, [
          h(Bar, { desk }),
          h(Question, { desk, folded: true }),
          desk.may("StartPhase") ? h(Next, { desk }) : h(Helper, { desk }),
          h(Waiting, { desk }),
          desk.may("ExtendPhase") ? h(Clock, { desk }) : null,
          h(Groups, { desk, folded: true, looked: showList }),
          desk.isGrouped.value ? list() : null,
          activity.value === "discuss" ? h(Talk, { desk, key: desk.current.value.id }) : null,
          asks.value ? h(Answers, { desk, key: desk.current.value.id }) : null,
          h(Now, { desk, joins: true }),
          desk.may("CloseRound") ? h(Vote, { desk }) : null,
          activity.value === "vote" ? h(Vote, { desk, bars: true }) : null,
          desk.may("AdmitLate") ? h(Queue, { desk, folded: folded.value }) : null,
          desk.may("Show") ? h(Screen, { desk, brief: true }) : null,
          desk.may("AdmitLate") ? h(Scribe, { desk }) : null,
          desk.isGrouped.value ? null : list(),
          h(Agenda, { desk, folded: folded.value }),
          h(Plan, { desk }),
          tools(),
        ]);
      }

      function list() {
        if (!desk.board.value) return null;
        return h("details", { class: "part", id: "desk-list", open: listed.value, onToggle: event => (listed.value = event.target.open) }, [
          h("summary", isElsewhere.value && !isNowhere.value ? say("desk.board-of", { board: desk.boardName(desk.board.value) }) : say("desk.board")),
          isNowhere.value ? h("p", { class: "muted" }, nowhere()) : h(Board, { desk, narrow: true }),
        ]);
      }

      // A group's board was chosen: it lies below, and is unfolded.
      function showList() {
        listed.value = true;
        nextTick(() => document.getElementById("desk-list")?.scrollIntoView({ block: "nearest" }));
      }

      // Focus goes by the order of importance: Next, Now with the queue, board, agenda. The grid places them otherwise.
      function laptop() {
        return h("div", { class: "desk" }, [
          h(Bar, { desk }),
          mirror.value ? null : h(Mirror, { desk, answer }),
          desk.may("StartPhase") ? h(Next, { desk }) : h(Helper, { desk }),
          aside(),
          h("section", { class: "desk-middle", "aria-label": say("desk.board") }, middle()),
          h("div", { class: "desk-side" }, [h(Agenda, { desk, folded: folded.value }), h(Plan, { desk }), tools()]),
        ]);
      }

      return () => [
        desk.session.value ? (narrow.value ? remote() : laptop()) : h("div", { class: "desk" }, [h(Bar, { desk }), h("p", { class: "connecting" }, say("desk.connecting"))]),
        h(Countdown, { desk }),
        h(Spoken, { desk }),
        h(Dialogs, { desk }),
      ];
    },
  };
};
