// Dialogs of the desk: where cards go, taking one down, erasing one, its text, links, keys. The focus stays inside.

import { covering } from "./back.js";
import links from "./desk-links.js";
import suggest from "./desk-suggest.js";
import { ASIDE } from "./desk-store.js";
import moderation from "./desk-moderation.js";
import parts, { isComposing, once } from "./desk-parts.js";
import people from "./desk-people.js";
import phases from "./desk-phases.js";

export default Vue => {
  const { h, ref, computed, watch, onMounted, nextTick, Teleport } = Vue;
  const { button, icon, Field } = parts(Vue);
  const Links = links(Vue);
  const Suggest = suggest(Vue);
  const ofPhases = phases(Vue);
  const { Door } = people(Vue);
  const { dialogs: ofModeration } = moderation(Vue);

  const FOCUSABLE = "button:not([disabled]), [href], input, select, textarea, summary, [tabindex='0']";

  const Dialog = {
    props: { title: String, close: Function },
    setup(props, { slots }) {
      const box = ref(null);
      const inside = () => [...box.value.querySelectorAll(FOCUSABLE)].filter(it => it.getClientRects().length);

      function onKeydown(event) {
        event.stopPropagation();
        if (event.key === "Escape") {
          event.preventDefault();
          props.close();
        }
        if (event.key !== "Tab") return;
        const all = inside();
        const edge = event.shiftKey ? all[0] : all[all.length - 1];
        if (document.activeElement !== edge) return;
        event.preventDefault();
        (event.shiftKey ? all[all.length - 1] : all[0]).focus();
      }

      onMounted(() => nextTick(() => (box.value.querySelector("[data-first]") ?? inside()[0]).focus()));
      return () =>
        h(Teleport, { to: "body" },
          h("div", { class: "veil", onPointerdown: event => event.target === event.currentTarget && props.close() },
            h("div", { class: "dialog", role: "dialog", "aria-modal": "true", "aria-label": props.title, ref: box, onKeydown }, [
              h("h2", props.title),
              slots.default(),
            ])));
    },
  };

  // Move to ...: type to find a cluster; or, while the list has the focus, its letter, or a digit for its place in the
  // list, moves at once.
  const Move = {
    props: { desk: Object, ids: Array, listed: Boolean, close: Function, done: Function },
    setup({ desk, ids, listed, close, done }) {
      const { say } = desk;
      const typed = ref("");
      const found = computed(() => {
        const text = typed.value.trim().toLowerCase();
        const fits = cluster => !text || cluster.letter.toLowerCase() === text || desk.clusterName(cluster).toLowerCase().includes(text);
        return desk.clusters.value.filter(fits).sort((a, b) => (b.letter.toLowerCase() === text) - (a.letter.toLowerCase() === text));
      });
      const places = ids.map(id => desk.get("idea", id)).filter(Boolean).map(desk.placeOf);
      const anyPlaced = places.some(place => place && place !== ASIDE);

      function to(cluster) {
        close();
        desk.move(ids, cluster);
        done?.(null);
      }

      async function anew() {
        const title = typed.value.trim();
        close();
        const id = await desk.form(ids, title);
        done?.(title ? null : id);
      }

      function onKeydown(event) {
        const inside = event.target.closest("[data-list]");
        if (event.key === "Enter" && event.target.tagName === "INPUT" && !isComposing(event)) {
          event.preventDefault();
          if (found.value.length) to(found.value[0].id);
          else if (typed.value.trim()) anew();
        }
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          const rows = [...event.currentTarget.querySelectorAll("[data-list] button")];
          const at = rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
          event.preventDefault();
          (rows[at] ?? (at < 0 ? event.currentTarget.querySelector("input") : rows[rows.length - 1]))?.focus();
        }
        if (inside && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") {
          const hit = desk.clusters.value.find(cluster => cluster.letter.toLowerCase() === event.key.toLowerCase()) ?? found.value[Number(event.key) - 1];
          if (hit) {
            event.preventDefault();
            to(hit.id);
          }
        }
      }

      return () =>
        h("div", { onKeydown }, [
          h("label", { class: "label", for: "move-find" }, say("place.choose")),
          h("input", { class: "field", id: "move-find", autocomplete: "off", value: typed.value, "data-first": listed ? null : "", onInput: event => (typed.value = event.target.value) }),
          h("ul", { class: "move-list", "data-list": "" }, [
            found.value.map((cluster, i) =>
              h("li", { key: cluster.id }, h("button", { type: "button", class: "move-row", "data-first": listed && i === 0 ? "" : null, onClick: () => to(cluster.id) }, [
                h("span", { class: "letter", translate: "no" }, cluster.letter),
                h("span", { dir: "auto" }, desk.clusterName(cluster)),
                h("span", { class: "muted" }, String(desk.placed.value.get(cluster.id)?.length ?? 0)),
              ])),
            ),
          ]),
          h("div", { class: "row" }, [
            button(say("board.new-cluster-do"), anew, { icon: "plus", "data-first": listed && !found.value.length ? "" : null }),
            places.some(place => place !== ASIDE) ? button(say("board.aside-do"), () => to(ASIDE)) : button(say("board.bring-back-do"), () => to(null)),
            anyPlaced ? button(say("board.move-off-do"), () => to(null)) : null,
            button(say("phone.cancel-do"), close, { kind: "quiet" }),
          ]),
        ]);
    },
  };

  // One cluster goes into another.
  const Merge = {
    props: { desk: Object, cluster: Object, close: Function },
    setup({ desk, cluster, close }) {
      const { say } = desk;
      const others = computed(() => desk.clusters.value.filter(({ id }) => id !== cluster.id));

      function into(other) {
        close();
        desk.mergeClusters(other, cluster);
      }

      return () => [
        h("p", say("board.merge-note")),
        h("ul", { class: "move-list" }, others.value.map((other, i) =>
          h("li", { key: other.id }, h("button", { type: "button", class: "move-row", "data-first": i ? null : "", onClick: () => into(other) }, [
            h("span", { class: "letter", translate: "no" }, other.letter),
            h("span", { dir: "auto" }, desk.clusterName(other)),
            h("span", { class: "muted" }, String(desk.placed.value.get(other.id)?.length ?? 0)),
          ])))),
        h("div", { class: "row" }, [button(say("phone.cancel-do"), close, { kind: "quiet" })]),
      ];
    },
  };

  const Hide = {
    props: { desk: Object, idea: Object, close: Function },
    setup({ desk, idea, close }) {
      const { say } = desk;
      const field = ref(null);

      const hide = once(async () => {
        const reason = field.value.value.trim();
        const fields = { idea: idea.id, ...(reason ? { reason } : {}) };
        const answer = await desk.act("HideIdea", fields, { what: say("did.hide", { number: idea.number }) });
        if (!answer.ok) return;
        field.value?.clear();
        desk.tell(say("desk.hid", { number: idea.number }));
        close();
      });

      return () => [
        h("p", { class: "quote", dir: "auto" }, idea.text ?? say("card.face-down", { number: idea.number })),
        h(Field, { desk, ref: field, keep: `hide/${idea.id}`, label: say("desk.hide-reason"), rows: 2, max: 200, enter: hide }),
        h("p", { class: "muted" }, say("desk.hide-note")),
        h("div", { class: "row" }, [button(say("desk.hide-do"), hide, { kind: "strong" }), button(say("phone.cancel-do"), close, { kind: "quiet" })]),
      ];
    },
  };

  const Erase = {
    props: { desk: Object, idea: Object, close: Function },
    setup({ desk, idea, close }) {
      const { say } = desk;

      const erase = once(async () => {
        const answer = await desk.act("EraseIdea", { idea: idea.id });
        if (!answer.ok) return;
        desk.tell(say("desk.erased", { number: idea.number }));
        close();
      });

      return () => [
        h("p", { class: "quote", dir: "auto" }, idea.text ?? say("card.face-down", { number: idea.number })),
        h("p", say("desk.erase-ask")),
        h("p", say("desk.erase-quotes")),
        h("div", { class: "row" }, [
          button(say("phone.cancel-do"), close, { "data-first": "" }),
          button(say("desk.erase-do"), erase, { kind: "danger" }),
        ]),
      ];
    },
  };

  const Edit = {
    props: { desk: Object, idea: Object, close: Function },
    setup({ desk, idea, close }) {
      const { say } = desk;
      const field = ref(null);

      const save = once(async () => {
        const what = say("did.edit", { number: idea.number });
        const answer = await desk.act("EditIdea", { idea: idea.id, text: field.value.value }, { what });
        if (!answer.ok) return;
        field.value?.clear();
        close();
      });

      return () => [
        h(Field, { desk, ref: field, keep: `edit/${idea.id}`, start: idea.text, label: say("phone.edit-label"), rows: 3, max: 500, enter: save }),
        h("div", { class: "row" }, [button(say("phone.save-do"), save, { kind: "strong" }), button(say("phone.cancel-do"), close, { kind: "quiet" })]),
      ];
    },
  };

  const Peek = {
    props: { desk: Object, close: Function },
    setup({ desk, close }) {
      const { say } = desk;

      const peek = once(async () => {
        const answer = await desk.act("Peek", { board: desk.board.value.id });
        close();
        if (answer.ok) desk.tell(say("desk.peeked"));
      });

      return () => [
        h("p", say("desk.peek-warning")),
        h("div", { class: "row" }, [button(say("desk.peek-confirm-do"), peek, { icon: "eye", kind: "strong" }), button(say("phone.cancel-do"), close, { kind: "quiet" })]),
      ];
    },
  };

  const Keys = {
    props: { desk: Object, close: Function },
    setup: ({ desk: { say }, close }) => () => [
      h("ul", { class: "keys" }, [
        say("board.keys-arrows"), say("board.keys-space"), say("board.keys-enter"), say("board.keys-move"), say("board.keys-new"),
        say("board.keys-aside"), say("board.keys-same"), say("board.keys-all"), say("board.keys-rename"), say("board.keys-undo"), say("board.keys-escape"),
      ].map(line => h("li", line))),
      h("p", { class: "muted" }, say("board.keys-scope")),
      button(say("phone.close-do"), close),
    ],
  };

  const Undos = {
    props: { desk: Object, close: Function },
    setup: ({ desk, close }) => () => [
      desk.done.length
        ? h("ul", { class: "undos" }, [...desk.done].reverse().map(entry =>
            h("li", { key: entry.id }, [h("span", entry.what), button(desk.say("desk.undo-do"), () => desk.undo(entry), { icon: "undo", kind: "small" })])))
        : h("p", desk.say("desk.undo-none")),
      button(desk.say("phone.close-do"), close),
    ],
  };

  const Linked = {
    props: { desk: Object, close: Function },
    setup: ({ desk, close }) => () => [h(Links, { desk }), button(desk.say("phone.close-do"), close)],
  };

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say } = desk;
      const close = () => (desk.open.value = null);
      covering(Vue, () => Boolean(desk.open.value), close);
      let back = null; // what had the focus before the first of them was opened

      watch(desk.open, (now, before) => void (before || (back = document.activeElement)), { flush: "sync" });
      watch(desk.open, now => {
        if (!now && document.activeElement === document.body && back?.isConnected) back.focus();
      }, { flush: "post" });

      const titled = {
        move: it => [it.ids.length > 1 ? say("board.move-many", { n: it.ids.length }) : say("board.move-named", { number: desk.get("idea", it.ids[0])?.number }), Move],
        merge: it => [say("board.merge-title", { cluster: desk.clusterName(it.cluster) }), Merge],
        suggest: () => [say("suggest.title-all"), Suggest],
        hide: it => [`${say("desk.hide-do")}: ${say("card.number", { number: it.idea.number })}`, Hide],
        erase: it => [`${say("desk.erase-do")}: ${say("card.number", { number: it.idea.number })}`, Erase],
        edit: it => [`${say("desk.edit-do")}: ${say("card.number", { number: it.idea.number })}`, Edit],
        peek: () => [say("desk.peek-do"), Peek],
        keys: () => [say("board.keys-title"), Keys],
        undos: () => [say("desk.done-title"), Undos],
        links: () => [say("link.title"), Linked],
        door: () => [say("door.title"), Door],
        ...ofPhases(desk),
        ...ofModeration(desk),
      };

      return () => {
        const it = desk.open.value;
        if (!it) return null;
        const [title, part] = titled[it.kind](it);
        const { kind, ...rest } = it;
        return h(Dialog, { title, close, key: kind }, () => h(part, { desk, close, ...rest }));
      };
    },
  };
};
