// Small things that all parts of the desk draw with: icons, buttons, the shape of a stage, a field that keeps its text.

const PATHS = {
  menu: "M5 12h.01M12 12h.01M19 12h.01",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  next: "M5 12h14M13 6l6 6-6 6",
  back: "M19 12H5M11 6l-6 6 6 6",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  pause: "M8 5v14M16 5v14",
  play: "M7 4l13 8-13 8z",
  plus: "M12 5v14M5 12h14",
  unfold: "M6 9l6 6 6-6",
  fold: "M6 15l6-6 6 6",
  close: "M6 6l12 12M18 6L6 18",
  flip: "M4 5h16v14H4zM4 19 20 5",
  clock: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l3 3",
  check: "M4 12l5 5L20 6",
  screen: "M3 4h18v12H3zM8 21h8M12 16v5",
  people: "M9 5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 5.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .7 3.5 2.400 3.5 5.500",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4.200 4.200 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4.200 4.200 0 0 0 6 6l1-1",
  pen: "M4 20l1-5L16 4l4 4L9 19z",
  list: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h4",
  door: "M6 21V4h12v17M3 21h18M14.500 12v1",
  end: "M5 4v17M5 5h13l-3 4 3 4H5",
  hand: "M8 14V6a1.500 1.500 0 0 1 3 0v5V4a1.500 1.500 0 0 1 3 0v7V6a1.500 1.500 0 0 1 3 0v8c0 4-2.500 7-6 7-3 0-4.500-1.500-6-4l-2-4c1-1 2.300-.6 3 .5l2 2",
};

const SHAPES = {
  "co-learning": { cx: 8, cy: 8, r: 7, tag: "circle" },
  "co-sharing": { x: 2, y: 2, width: 12, height: 12, tag: "rect" },
  "co-creation": { d: "M8 1l7.500 13.500h-15z", tag: "path" },
};

// Whether a key belongs to a word that is being composed; Safari says so of the last one by its number alone.
export const isComposing = event => event.isComposing || event.keyCode === 229;

export const DEAD = 400; // ms in which a click may be the second of a double click

// A deed that a double click does once: none while it is under way, nor for `rest` ms after it.
export function once(does, rest = 0) {
  let busy = false;
  return async (...given) => {
    if (busy) return;
    busy = true;
    try {
      await does(...given);
    } finally {
      setTimeout(() => (busy = false), rest);
    }
  };
}

export default Vue => {
  const { h, ref, watch, nextTick, onMounted } = Vue;

  function icon(name) {
    return h("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: PATHS[name] }));
  }

  function shape(stage) {
    const { tag, ...rest } = SHAPES[stage] ?? {};
    return tag ? h("svg", { class: ["shape", stage], viewBox: "0 0 16 16", "aria-hidden": "true" }, h(tag, rest)) : null;
  }

  // A button with its word, and an icon before it. One that can do nothing now keeps the focus.
  function button(word, onClick, { icon: name, kind = "", disabled = false, ...more } = {}) {
    const off = disabled ? { "aria-disabled": "true" } : { onClick };
    return h("button", { type: "button", class: ["button", kind], ...off, ...more }, name ? [icon(name), h("span", word)] : word);
  }

  // A text area or input whose text survives a reload: it is kept under `keep` until `clear`.
  const Field = {
    props: { desk: Object, keep: String, label: String, rows: Number, max: Number, hidesLabel: Boolean, hint: String, start: String, enter: Function },
    emits: ["text", "leave"],
    setup(props, { emit, expose }) {
      const value = ref(props.desk.client.kept(props.keep) ?? props.start ?? "");
      const box = ref(null);
      const id = `field-${props.keep}`.replace(/[^A-Za-z0-9_-]/g, "-");

      function set(text) {
        value.value = text;
        props.desk.client.keep(props.keep, text);
        emit("text", text);
        nextTick(grow);
      }

      // What came from elsewhere stands in the field; whoever writes in it goes on where they were.
      function put(text) {
        const [it, old] = [box.value, value.value];
        const at = it && it === document.activeElement ? it.selectionEnd : null;
        value.value = text;
        nextTick(() => {
          grow();
          if (at === null) return;
          const to = text.startsWith(old.slice(0, at)) || !text.endsWith(old.slice(at)) ? at : text.length - old.length + at;
          it.setSelectionRange(to, to);
        });
      }

      function grow() {
        const it = box.value;
        if (!it || !props.rows) return;
        it.style.height = "auto";
        it.style.height = `${it.scrollHeight + 2}px`;
      }

      function onKeydown(event) {
        if (event.key !== "Enter" || event.shiftKey || isComposing(event) || !props.enter) return;
        event.preventDefault();
        props.enter(value.value);
      }

      onMounted(grow);
      // A text that came from elsewhere shows only where nothing unsaved would be lost.
      watch(
        () => props.start,
        (text, old) => {
          if (value.value === (old ?? "") || (!value.value && document.activeElement !== box.value)) value.value = text ?? "";
          nextTick(grow);
        },
      );
      const long = () => (props.max ? [...value.value.trim()].length - props.max : 0);
      expose({ set, put, value, focus: () => box.value?.focus(), clear: () => set("") });
      return () => [
        h("label", { for: id, class: props.hidesLabel ? "sr" : "label" }, props.label),
        h(props.rows ? "textarea" : "input", {
          id,
          ref: box,
          class: "field",
          rows: props.rows,
          "aria-invalid": long() > 0 ? "true" : null,
          value: value.value,
          dir: "auto",
          autocomplete: "off",
          placeholder: props.hint,
          onInput: event => set(event.target.value),
          onKeydown,
          onBlur: () => emit("leave", value.value),
        }),
        long() > 0 ? h("p", { class: "alert", role: "alert" }, props.desk.say("idea.too-long", { n: long() })) : null,
      ];
    },
  };

  return { icon, shape, button, Field };
};
