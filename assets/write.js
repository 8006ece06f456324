// The field for one idea: columns, text that survives a reload, and what is left of the limits.

import { icon } from "./icons.js";

export const length = text => [...text.normalize("NFC").replace(/\s+/g, " ").trim()].length;

// Every field is as high as what stands in it: while one writes, and when the page gets another width or other letters.
export const grow = () => {
  for (const field of document.querySelectorAll("textarea")) {
    field.style.height = "auto";
    if (field.value) field.style.height = `${field.scrollHeight + 4}px`;
  }
};
for (const event of ["input", "resize"]) addEventListener(event, grow);

export default Vue => ({
  props: ["room", "phase", "label"],
  setup(props) {
    const { h, ref, onMounted } = Vue;
    const { room } = props;
    const { client, say } = room;
    const mistake = ref("");
    const field = ref(null);
    const choice = ref(client.kept(`column.${props.phase.id}`) ?? "");
    const text = () => room.draft(props.phase.id);
    const limit = () => props.phase.settings.max_length ?? 140;
    let said = null;
    let isFresh = false; // nothing has been typed since the last one was sent: a second tap means nothing

    onMounted(grow);

    function choose(id) {
      choice.value = id;
      mistake.value = "";
      client.keep(`column.${props.phase.id}`, id);
    }

    function input(event) {
      room.write(props.phase.id, event.target.value);
      isFresh = false;
      mistake.value = "";
      const rest = limit() - length(event.target.value);
      if (rest !== said && (rest === 20 || rest === 10 || rest === 0)) room.announce(count(rest));
      said = rest;
    }

    function count(rest) {
      if (rest > 20) return "";
      return rest < 0 ? say("idea.too-long", { n: -rest }) : say("idea.chars", { n: rest });
    }

    function refuse(sentence, focus) {
      mistake.value = sentence;
      room.announce(sentence);
      focus?.focus();
    }

    function post(event) {
      event.preventDefault();
      const columns = room.get("board", props.phase.board)?.columns ?? [];
      const rest = limit() - length(text());
      if (room.all("muted").length) return room.announce(say("person.muted"));
      if (!length(text())) return isFresh || refuse(say("idea.empty"), field.value);
      if (rest < 0) return refuse(count(rest), field.value);
      const column = columns.find(it => it.id === choice.value);
      if (columns.length && !column) {
        return refuse(say("idea.choose-column"), event.target.querySelector("input[type=radio]"));
      }
      const fields = { phase: props.phase.id, text: text(), lang: room.lang };
      room.post(column ? { ...fields, column: column.id } : fields);
      if (client.state.connection === "offline") room.announce(say("idea.waiting"));
      room.write(props.phase.id, "");
      isFresh = true;
      Vue.nextTick(grow);
    }

    return () => {
      const { phase } = props;
      const board = room.get("board", phase.board);
      const columns = board?.columns ?? [];
      const column = columns.find(it => it.id === choice.value);
      const most = phase.settings.max_ideas;
      if (most && room.own(phase.id).filter(it => it.state !== "rejected").length >= most && !text().trim()) {
        return h("p", { class: "done" }, [icon(h, "check"), h("span", say("limit.reached", { n: most }))]);
      }
      const each = phase.settings.max_per_column;
      const full = each && column && !text().trim() && room.own(phase.id).filter(it => it.column === column.id && it.state !== "rejected").length >= each;
      const rest = count(limit() - length(text()));
      return h("form", { class: "write", novalidate: true, onSubmit: post }, [
        columns.length
          ? h("fieldset", { class: "columns" }, [
              h("legend", say("phone.column")),
              columns.map(it =>
                h("label", { class: "pill", key: it.id }, [
                  h("input", {
                    type: "radio",
                    name: "column",
                    checked: it.id === choice.value,
                    onChange: () => choose(it.id),
                  }),
                  room.told("span", it.title),
                ]),
              ),
            ])
          : null,
        h("label", { for: "idea", class: "label" }, props.label ?? say("idea.label")),
        h("textarea", {
          id: "idea",
          ref: field,
          rows: 2,
          dir: "auto",
          autocapitalize: "sentences",
          value: text(),
          "aria-describedby": "idea-hint idea-rest",
          "aria-invalid": mistake.value ? "true" : null,
          onInput: input,
          onKeydown: event => event.key === "Enter" && (event.ctrlKey || event.metaKey) && post({
            preventDefault: () => event.preventDefault(),
            target: event.target.form,
          }),
        }),
        h("p", { id: "idea-hint", class: "hint" }, say("idea.hint")),
        h("p", { id: "idea-rest", class: ["rest", { alert: mistake.value || limit() < length(text()) }] }, mistake.value || rest),
        board?.locked ? h("p", { class: "alert" }, say("board.locked")) : null,
        full ? h("p", { class: "hint" }, say("limit.column", { n: each })) : null,
        h("button", { class: "main" }, column ? say("idea.post-to", { column: room.text(column.title) }) : say("idea.post")),
        phase.settings.private && board?.revealed === false
          ? h("p", { class: "hint" }, say(phase.settings.strict ? "private.note-strict" : "private.note"))
          : null,
        phase.settings.approval ? h("p", { class: "hint" }, say("private.note-approval")) : null,
      ]);
    };
  },
});
