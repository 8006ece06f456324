// Choosing many cards with the mouse or a pen: a frame that is drawn over the wall from an empty spot.

import { swallowClick } from "./desk-gesture.js";

const FAR = 6; // px before a press becomes a frame
const EDGE = 40; // px from the edge of a pane where it begins to scroll

// `host` gets listeners. `choose(ids)` takes the cards in the frame whenever they change; `end(ids)` those at last, or
// null where Escape called it off. With Shift or Ctrl `start(true)`: what is chosen already stays chosen.
export function lasso(host, { start, choose, end }) {
  let press = null;
  let frame = null;

  function onDown(event) {
    if (event.button !== 0 || event.pointerType === "touch" || frame) return;
    const pane = event.target.closest("[data-pane]");
    if (!pane || event.target.closest("[data-card], button, input, textarea, select, a, summary, label, table")) return;
    const box = pane.getBoundingClientRect();
    if (event.clientX > box.left + pane.clientWidth || event.clientY > box.top + pane.clientHeight) return; // its scrollbar
    press = { x: event.clientX, y: event.clientY + pane.scrollTop, pane, pointer: event.pointerId, more: event.shiftKey || event.ctrlKey || event.metaKey };
    event.preventDefault(); // no text is marked
    document.activeElement?.blur();
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", cancel);
    window.addEventListener("keydown", onKey, true);
  }

  function onMove(event) {
    if (event.pointerId !== press?.pointer) return;
    press.now = { x: event.clientX, y: event.clientY };
    if (!frame) {
      if (Math.hypot(event.clientX - press.x, event.clientY + press.pane.scrollTop - press.y) < FAR) return;
      begin();
    }
    if (!frame.due) frame.due = requestAnimationFrame(draw);
  }

  function begin() {
    const element = document.createElement("div");
    element.className = "lasso";
    document.body.append(element);
    // Rows and not cards: a row has its place also where the card in it is drawn only when it is seen.
    const { scrollTop } = press.pane;
    const cards = [...press.pane.querySelectorAll("[data-card]")].map(it => {
      const { left, top, right, bottom } = it.parentElement.getBoundingClientRect();
      return { id: it.dataset.card, left, right, top: top + scrollTop, bottom: bottom + scrollTop };
    });
    frame = { element, cards, ids: "", scroll: setInterval(scroll, 30) };
    start(press.more);
  }

  function scroll() {
    const box = press.pane.getBoundingClientRect();
    if (press.now.y < box.top + EDGE) press.pane.scrollTop -= 14;
    else if (press.now.y > box.bottom - EDGE) press.pane.scrollTop += 14;
    else return;
    draw();
  }

  function draw() {
    if (!frame) return;
    frame.due = null;
    const { pane, now } = press;
    const box = pane.getBoundingClientRect();
    const [left, right] = [Math.min(press.x, now.x), Math.max(press.x, now.x)];
    const [top, bottom] = [Math.min(press.y, now.y + pane.scrollTop), Math.max(press.y, now.y + pane.scrollTop)];
    const shown = { top: Math.max(box.top, top - pane.scrollTop), bottom: Math.min(box.bottom, bottom - pane.scrollTop) };
    Object.assign(frame.element.style, {
      left: `${left}px`, top: `${shown.top}px`, width: `${right - left}px`, height: `${Math.max(0, shown.bottom - shown.top)}px`,
    });
    const ids = frame.cards.filter(it => it.left < right && it.right > left && it.top < bottom && it.bottom > top).map(it => it.id);
    if (ids.join() === frame.ids) return;
    frame.ids = ids.join();
    frame.found = ids;
    choose(ids);
  }

  function onUp(event) {
    if (event.pointerId !== press?.pointer) return;
    if (frame) {
      draw();
      swallowClick();
    }
    stop(frame ? frame.found ?? [] : undefined);
  }

  function onKey(event) {
    if (event.key !== "Escape" || !frame) return;
    event.preventDefault();
    event.stopPropagation();
    stop(null);
  }

  const cancel = () => stop(frame ? null : undefined);

  function stop(found) {
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", onKey, true);
    press = null;
    if (!frame) return;
    clearInterval(frame.scroll);
    cancelAnimationFrame(frame.due);
    frame.element.remove();
    frame = null;
    end(found);
  }

  host.addEventListener("pointerdown", onDown);
  return () => {
    stop(null);
    host.removeEventListener("pointerdown", onDown);
  };
}
