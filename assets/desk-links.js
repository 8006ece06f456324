// The links of a workshop, and new ones for a co-facilitator or for one's own phone, made only when they are asked for.

import parts from "./desk-parts.js";

export default Vue => {
  const { h, ref, nextTick } = Vue;
  const { button, icon } = parts(Vue);

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say, about } = desk;
      const secret = ref(null); // {url, qr} of a new desk link
      const box = ref(null);

      // Over plain http there is no clipboard: then the link is selected, ready for Ctrl+C.
      async function copy(url, input) {
        try {
          await navigator.clipboard.writeText(url);
          desk.tell(say("link.copied"));
        } catch {
          await nextTick();
          input()?.focus();
          input()?.select();
          desk.tell(say("link.copy-failed"));
        }
      }

      async function make() {
        try {
          const response = await fetch(`/auth/link/${about.code}`, { method: "POST" });
          const answer = await response.json();
          if (!response.ok) return desk.refuse(answer);
          secret.value = answer;
        } catch {
          desk.tell(say("access.offline"), "refusal");
        }
      }

      function line(name, label, url) {
        const input = ref(null);
        return {
          setup: () => () =>
            h("div", { class: "link" }, [
              h("label", { class: "label", for: `link-${name}` }, label),
              h("input", { class: "field", id: `link-${name}`, ref: input, value: url, readonly: true, onFocus: event => event.target.select() }),
              h("div", { class: "row" }, [
                button(say("link.copy-do"), () => copy(url, () => input.value), { icon: "link", kind: "small" }),
                h("a", { class: "button small", href: url, target: "_blank", rel: "noopener" }, say("link.open-do")),
              ]),
            ]),
        };
      }

      const join = line("join", say("link.join"), about.join);
      const screen = line("screen", say("link.screen"), new URL(about.screen, location.href).href);

      return () => [
        h(join),
        h(screen),
        h("h3", say("link.desk")),
        secret.value
          ? h("div", { class: "link" }, [
              h("p", { class: "private-mark" }, [icon("lock"), say("link.secret")]),
              h("label", { class: "sr", for: "link-desk" }, say("link.desk")),
              h("input", { class: "field", id: "link-desk", ref: box, value: secret.value.url, readonly: true, onFocus: event => event.target.select() }),
              button(say("link.copy-do"), () => copy(secret.value.url, () => box.value), { icon: "link", kind: "small" }),
              h("p", say("link.remote-how")),
              h("div", { class: "qr", innerHTML: secret.value.qr }),
            ])
          : [h("p", say("link.secret")), button(say("link.new-do"), make, { icon: "plus" })],
      ];
    },
  };
};
