// The keys of the board: they work only while a card has the focus.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default ({ desk, root, chosen, at, sorts, together, choose, chooseAll, showMenu, showTexts, ...moving }) => {
  const { cards, focus, isDeaf, showMove, cluster, rename, setAside, mergeChosen } = moving;

  // The nearest card in a direction; sideways distance counts double.
  function beside(id, [dx, dy]) {
    const from = middle(root.value.querySelector(`[data-card="${id}"]`).parentElement);
    let best = null;
    for (const it of cards()) {
      if (it.dataset.card === id) continue;
      const to = middle(it.parentElement); // its row has a place also where the card is not drawn
      const [x, y] = [to.x - from.x, to.y - from.y];
      const along = x * dx + y * dy;
      if (along < 8) continue;
      const far = along + 2 * Math.abs(x * dy + y * dx);
      if (!best || far < best.far) best = { far, id: it.dataset.card };
    }
    return best?.id;
  }

  function middle(it) {
    const { left, top, width, height } = it.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  function onKeydown(event) {
    const id = event.target.dataset?.card;
    if (!id) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const control = event.ctrlKey || event.metaKey;
    if (control ? key !== "z" && key !== "a" : event.altKey) return;
    if (event.key.length === 1 && isDeaf()) return event.preventDefault();
    const step = STEPS[key];
    if (step) {
      const other = beside(id, step);
      if (other) {
        if (event.shiftKey) [id, other].forEach(it => chosen.has(it) || choose(it, true));
        at.value = other;
        focus(other);
      }
    } else if (key === "Home" || key === "End") {
      const all = cards();
      at.value = (key === "Home" ? all[0] : all[all.length - 1]).dataset.card;
      focus(at.value);
    } else if (key === " ") choose(id);
    else if (control && key === "a") chooseAll();
    else if (key === "Enter" || key === "ContextMenu") showMenu(id, event.target);
    else if (!sorts && "mcpr".includes(key)) return;
    else if (key === "m") showMove(together(id), true);
    else if (key === "c") cluster(together(id));
    else if (key === "p") setAside(together(id));
    else if (key === "d" && sorts && together(id).length > 1) mergeChosen(together(id));
    else if (key === "d" && desk.get("idea", id).also) showTexts(id);
    else if (key === "r" && desk.placeOf(desk.get("idea", id))) rename(desk.placeOf(desk.get("idea", id)));
    else if (key === "u" || key === "z") desk.undo();
    else if (key === "Escape") chosen.clear();
    else return;
    event.preventDefault();
  }

  return onKeydown;
};
