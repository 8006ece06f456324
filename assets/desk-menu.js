// A menu of the desk: where it is to appear, arrow keys, Escape, and back to where the focus was.

export const below = from => {
  const { left, bottom } = from.getBoundingClientRect();
  return { x: left, y: bottom + 4 };
};

export default Vue => {
  const { h, ref, onMounted, onBeforeUnmount } = Vue;

  return {
    props: { at: Object, items: Array, label: String, close: Function },
    setup(props) {
      const box = ref(null);
      const outside = event => box.value?.contains(event.target) || props.close(false);

      function onKeydown(event) {
        const rows = [...box.value.querySelectorAll("button")];
        const at = rows.indexOf(document.activeElement);
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        event.stopPropagation();
        if (step) rows[(at + step + rows.length) % rows.length].focus();
        else if (event.key === "Home") rows[0].focus();
        else if (event.key === "End") rows[rows.length - 1].focus();
        else if (event.key === "Escape" || event.key === "Tab") props.close(true);
        else return;
        event.preventDefault();
      }

      onMounted(() => {
        const { width, height } = box.value.getBoundingClientRect();
        box.value.style.left = `${Math.max(8, Math.min(props.at.x, window.innerWidth - width - 8))}px`;
        box.value.style.top = `${Math.max(8, Math.min(props.at.y, window.innerHeight - height - 8))}px`;
        box.value.querySelector("button").focus();
        document.addEventListener("pointerdown", outside, true);
      });
      onBeforeUnmount(() => document.removeEventListener("pointerdown", outside, true));
      return () =>
        h("div", { class: "menu", role: "menu", "aria-label": props.label, ref: box, onKeydown },
          props.items.filter(Boolean).map(([word, go, kind]) =>
            h("button", { type: "button", role: "menuitem", key: word, class: kind, onClick: go }, word)));
    },
  };
};
