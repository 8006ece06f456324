// The links of a workshop: for participants and the screen; and who works at a desk, made, renewed and withdrawn here.

import parts, { DEAD, once } from "./desk-parts.js";
import { format } from "./room.js";

export default Vue => {
  const { h, ref, nextTick, onMounted } = Vue;
  const { button, icon } = parts(Vue);

  return {
    props: { desk: Object },
    setup({ desk }) {
      const { say, about } = desk;
      const secret = ref(null); // {url, qr, role} of a new desk link
      const given = ref(null); // what the server knows of the links that were given
      const role = ref("facilitator");
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

      async function ask(path, content) {
        try {
          const body = content ? { body: JSON.stringify(content), headers: { "Content-Type": "application/json" } } : {};
          const response = await fetch(path, { method: "POST", ...body });
          const answer = await response.json();
          if (response.ok) return answer;
          desk.refuse(answer);
        } catch {
          desk.tell(say("access.offline"), "refusal");
        }
        return null;
      }

      async function look() {
        const answer = await ask(`/auth/links/${about.code}`);
        if (answer) given.value = answer;
      }

      async function show(answer) {
        secret.value = answer;
        await look();
        await nextTick();
        box.value?.focus();
      }

      const make = once(async () => {
        const answer = await ask(`/auth/link/${about.code}`, { role: role.value });
        if (answer) await show(answer);
      }, DEAD);

      const renew = once(async link => {
        const answer = await ask(`/auth/link/${about.code}/${link.id}/renew`);
        if (!answer) return;
        desk.tell(say("link.renewed"));
        await show(answer);
      });

      const withdraw = once(async link => {
        if (!(await ask(`/auth/link/${about.code}/${link.id}/withdraw`))) return;
        desk.tell(say("link.withdrawn"));
        await look();
      });

      if (about.keeps) onMounted(look);

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
                name === "join" ? h("a", { class: "button small", href: about.sheet, target: "_blank", rel: "noopener" }, say("link.sheet-do")) : null,
              ]),
            ]),
        };
      }

      const join = line("join", say("link.join"), about.join);
      const screen = line("screen", say("link.screen"), new URL(about.screen, location.href).href);

      const date = ms => format(about.words, ms, { dateStyle: "medium", timeStyle: "short" }, desk.session.value);

      function row(link) {
        const called = `${say(`link.${link.role}`)}, ${say("link.made", { date: date(link.created) })}`;
        return h("li", { key: link.id }, [
          h("p", [
            h("strong", say(`link.${link.role}`)),
            link.own ? h("span", ` · ${say("link.own")}`) : null,
            h("span", { class: "muted" }, ` · ${say("link.made", { date: date(link.created) })} · ${link.open ? say("link.open", { n: link.open }) : say("link.unopened")}`),
          ]),
          link.withdraws
            ? h("div", { class: "row" }, [
                button(say("link.renew-do"), () => renew(link), { kind: "small", "aria-label": `${say("link.renew-do")}: ${called}` }),
                button(say("link.withdraw-do"), () => withdraw(link), { kind: "small danger", "aria-label": `${say("link.withdraw-do")}: ${called}` }),
              ])
            : null,
        ]);
      }

      function made() {
        const { url, qr } = secret.value;
        return h("div", { class: "link" }, [
          h("p", { class: "private-mark" }, [icon("lock"), h("span", say(["owner", "facilitator"].includes(secret.value.role) ? "link.secret" : `link.${secret.value.role}-how`))]),
          h("label", { class: "label", for: "link-desk" }, say(`link.${secret.value.role}`)),
          h("input", { class: "field", id: "link-desk", ref: box, value: url, readonly: true, onFocus: event => event.target.select() }),
          button(say("link.copy-do"), () => copy(url, () => box.value), { icon: "link", kind: "small" }),
          h("p", say("link.scan-how")),
          h("div", { class: "qr", innerHTML: qr }),
        ]);
      }

      function anew() {
        return h("div", [
          h("label", { class: "label", for: "link-role" }, say("link.role-label")),
          h("select", { class: "field", id: "link-role", value: role.value, onChange: event => (role.value = event.target.value) },
            (given.value?.makes ?? ["facilitator"]).map(it => h("option", { key: it, value: it }, say(`link.${it}`)))),
          h("p", { class: "muted" }, say(`link.${role.value}-how`)),
          button(say("link.new-do"), make, { icon: "plus" }),
        ]);
      }

      return () => [
        h(join),
        h(screen),
        about.keeps
          ? [
              h("h3", say("link.desks")),
              given.value?.links.length ? h("ul", { class: "plain-list links" }, given.value.links.map(row)) : null,
              secret.value ? made() : null,
              anew(),
            ]
          : null,
      ];
    },
  };
};
