// Suggestions: asked for here, looked through, accepted in whole or in part, or not. Nothing moves by itself.

import parts from "./desk-parts.js";

export default Vue => {
  const { h, ref, reactive, computed, watch } = Vue;
  const { button, icon } = parts(Vue);

  return {
    props: { desk: Object, close: Function },
    setup({ desk, close }) {
      const { say } = desk;
      const off = reactive(new Set()); // cards, by group and id, and groups that are not wanted
      const titles = reactive(new Map());
      const working = ref(false);
      const asked = computed(() => desk.suggestion.value);
      const here = computed(() => asked.value?.board === desk.board.value?.id);

      watch(asked, () => {
        off.clear();
        titles.clear();
      });

      // Changed since it was asked: said, and left out.
      function isStale(group, i) {
        const idea = desk.get("idea", group.ideas[i]);
        if (!idea || idea.text !== group.texts[i] || !["open", "face-down"].includes(idea.state)) return true;
        return asked.value.kind !== "duplicates" && desk.placeOf(idea) !== null;
      }

      const wanted = (group, g) => (off.has(g) ? [] : group.ideas.filter((id, i) => !off.has(`${g}/${id}`) && !isStale(group, i)));
      const least = () => (asked.value.kind === "duplicates" ? 2 : 1);
      const chosen = computed(() => (asked.value?.groups ?? []).map(wanted).filter(ids => ids.length >= least()));
      const cards = computed(() => chosen.value.reduce((sum, ids) => sum + ids.length, 0));
      const stale = computed(() => (asked.value?.groups ?? []).reduce((sum, group) => sum + group.ideas.filter((id, i) => isStale(group, i)).length, 0));

      const titleOf = (group, g) => titles.get(g) ?? group.title;

      async function accept() {
        const { kind, groups, board } = asked.value;
        const drafts = groups.map((group, g) => ({ group, ideas: wanted(group, g), title: titleOf(group, g) })).filter(it => it.ideas.length >= least());
        const left = stale.value;
        working.value = true;
        const n = kind === "duplicates" ? await together(drafts) : await form(drafts, board);
        working.value = false;
        if (!n) return;
        desk.suggestion.value = null;
        desk.tell(say("suggest.accepted", { n }));
        if (left) desk.tell(say("suggest.stale", { n: left }), "refusal");
        close();
      }

      const together = drafts =>
        desk.together(say("did.suggest"), drafts.map(({ ideas: [keep, ...ideas] }) => ["MergeIdeas", { keep, ideas }]));

      async function form(drafts, board) {
        const wishes = drafts.map(({ group, ideas, title }) => (group.cluster ? { ideas, cluster: group.cluster } : { ideas, title: title.trim() }));
        const answer = await desk.act("FormClusters", { board, drafts: wishes }, { what: say("did.suggest") });
        return answer.ok ? wishes.length : 0;
      }

      function refuse() {
        desk.suggestion.value = null;
        desk.tell(say("suggest.refused"));
      }

      const toggle = (key, on) => (on ? off.delete(key) : off.add(key));

      function tick(key, label, content, disabled) {
        return h("label", { class: "suggest-tick" }, [
          h("input", { type: "checkbox", checked: !off.has(key) && !disabled, disabled, "aria-label": label, onChange: event => toggle(key, event.target.checked) }),
          content,
        ]);
      }

      function card(group, g, id, i) {
        const gone = isStale(group, i);
        const idea = desk.get("idea", id);
        const number = h("span", { class: "number" }, idea?.number ?? "");
        const text = h("span", { class: "suggest-text", lang: idea?.lang || null, dir: "auto" }, group.texts[i]);
        return h("li", { key: id, class: { gone } }, tick(`${g}/${id}`, null, [number, text, gone ? h("span", { class: "chip" }, say("suggest.changed")) : null], gone || off.has(g)));
      }

      function heading(group, g) {
        const { kind } = asked.value;
        const n = wanted(group, g).length;
        if (kind === "topics") {
          return h("input", {
            class: "field", "aria-label": say("suggest.title", { i: g + 1 }), maxlength: 120, dir: "auto", value: titleOf(group, g),
            onInput: event => titles.set(g, event.target.value),
          });
        }
        const cluster = group.cluster && desk.get("cluster", group.cluster);
        return h("strong", [cluster ? h("span", { class: "letter", translate: "no" }, cluster.letter) : null, h("span", cluster ? desk.clusterName(cluster) : say("suggest.same", { n }))]);
      }

      function one(group, g) {
        return h("section", { key: g, class: ["suggest-group", { off: off.has(g) }], "aria-label": say("suggest.group", { i: g + 1 }) }, [
          h("div", { class: "suggest-head" }, [
            tick(g, say("suggest.take", { i: g + 1 }), null),
            heading(group, g),
            h("span", { class: "muted" }, say("card.count", { n: wanted(group, g).length })),
          ]),
          h("ul", group.ideas.map((id, i) => card(group, g, id, i))),
        ]);
      }

      function choices() {
        const many = desk.unplaced.value.length;
        const filled = desk.clusters.value.some(({ id }) => desk.placed.value.get(id)?.length);
        const choice = (word, note, kind, can = true) =>
          h("li", [button(word, () => desk.suggest(kind), { kind: "wide", disabled: !can, "data-first": kind === "topics" ? "" : null }), h("p", { class: "muted" }, note)]);
        return [
          h("p", say("suggest.about")),
          h("ul", { class: "suggest-choices" }, [
            choice(say("suggest.topics-do"), say("suggest.topics-note", { n: many }), "topics", many > 1),
            filled ? choice(say("suggest.places-do"), say("suggest.places-note", { n: many }), "places", many > 0) : null,
            choice(say("suggest.duplicates-do"), say("suggest.duplicates-note"), "duplicates", desk.standing.value.length > 1),
          ]),
        ];
      }

      function missing(sentence) {
        return h("div", { class: "notice" }, [
          h("p", sentence),
          h("p", [h("span", `${say("suggest.install")} `), h("code", { translate: "no" }, "pip install 'facilitate[themes]'")]),
        ]);
      }

      // Places were looked for by letters alone: meaning would find more.
      const plain = it => (it?.kind === "places" && !it.error && !desk.about.themes ? missing(say("suggest.plain")) : null);

      return () => {
        const it = here.value ? asked.value : null;
        const cancel = button(say("phone.close-do"), close, { kind: "quiet" });
        if (it && !it.groups) {
          return [h("p", { class: "suggest-wait" }, [icon("clock"), h("span", say("suggest.looking"))]), h("p", { class: "muted" }, say("suggest.meanwhile")), cancel];
        }
        if (it?.groups.length) {
          return [
            h("div", { class: "suggest-list", tabindex: 0, role: "region", "aria-label": say("suggest.title-all") }, it.groups.map(one)),
            stale.value ? h("p", { class: "muted" }, say("suggest.stale", { n: stale.value })) : null,
            plain(it),
            h("p", { class: "muted", role: "status" }, say("card.count", { n: cards.value })),
            h("div", { class: "row" }, [
              button(say("suggest.accept-do", { n: chosen.value.length }), accept, { kind: "strong", icon: "check", disabled: working.value || !chosen.value.length, "data-first": "" }),
              button(say("suggest.refuse-do"), refuse),
              cancel,
            ]),
          ];
        }
        return [
          it?.error?.key === "suggestion.missing" ? missing(say("error.suggestion.missing")) : it?.error ? h("p", { class: "notice" }, desk.sentenceOf(it.error)) : it ? h("p", { class: "notice" }, say("suggest.none")) : null,
          plain(it),
          choices(),
          h("div", { class: "row" }, [cancel]),
        ];
      };
    },
  };
};
