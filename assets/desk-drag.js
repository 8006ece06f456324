// Dragging cards by mouse, pen or finger. A finger drags by the grip, so that it can still scroll everywhere else.

import { swallowClick } from "./desk-gesture.js";

const FAR = 6; // px before a press becomes a drag
const EDGE = 60; // px from the edge where a pane begins to scroll
const SLIP = 240; // px: as wide as what stands for a row of the list at most

// `host` gets listeners. `pick(id)` names the ids that go along; `drop(ids, target)` takes what `targetAt` found.
export function draggable(host, { pick, start, over, drop, end }) {
  let press = null;
  let drag = null;

  function onDown(event) {
    if (event.button !== 0 || drag) return;
    const card = event.target.closest("[data-card], [data-row]");
    if (!card || event.target.closest("button")) return;
    const { card: id, row } = card.dataset;
    if ((row || event.pointerType === "touch") && !event.target.closest("[data-grip]")) return;
    press = { id: id ?? row, card, x: event.clientX, y: event.clientY, pointer: event.pointerId };
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", stop);
    window.addEventListener("keydown", onKey, true);
  }

  function onMove(event) {
    if (!press || event.pointerId !== press.pointer) return;
    if (!drag) {
      if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < FAR) return;
      begin();
    }
    event.preventDefault();
    drag.x = event.clientX;
    drag.y = event.clientY;
    drag.ghost.style.transform = `translate(${event.clientX - drag.dx}px, ${event.clientY - drag.dy}px)`;
    const target = targetAt(event.clientX, event.clientY, drag.ids);
    if (target?.key !== drag.target?.key) over(target);
    drag.target = target;
  }

  function begin() {
    const box = press.card.getBoundingClientRect();
    const ids = pick(press.id);
    const { row } = press.card.dataset;
    const ghost = row ? slip(press.card) : press.card.cloneNode(true);
    ghost.classList.add("ghost");
    if (press.card.closest(".split")) ghost.classList.add("compact");
    ghost.removeAttribute("data-card");
    ghost.setAttribute("aria-hidden", "true");
    ghost.style.width = `${row ? Math.min(box.width, SLIP) : box.width}px`;
    if (ids.length > 1) {
      const many = document.createElement("span");
      many.className = "ghost-count";
      many.textContent = ids.length;
      ghost.append(many);
    }
    document.body.append(ghost);
    document.body.classList.add("dragging");
    // The card itself may be drawn elsewhere meanwhile, by somebody else's move: the pointer must not go with it.
    try {
      host.setPointerCapture(press.pointer);
    } catch {
      // it is up already
    }
    drag = { ids, ghost, dx: press.x - box.left, dy: press.y - box.top, target: null, x: press.x, y: press.y };
    drag.scroll = setInterval(scroll, 30);
    start(ids);
  }

  // A row of a table is nothing outside of it: what it says goes along.
  function slip(row) {
    const it = document.createElement("div");
    it.className = "card";
    it.textContent = row.querySelector("[data-text]").textContent;
    return it;
  }

  function scroll() {
    const pane = document.elementFromPoint(drag.x, drag.y)?.closest("[data-pane]");
    if (!pane) return;
    const box = pane.getBoundingClientRect();
    if (drag.y < box.top + EDGE) pane.scrollTop -= 12;
    if (drag.y > box.bottom - EDGE) pane.scrollTop += 12;
  }

  function onUp(event) {
    if (event.pointerId !== press?.pointer) return;
    const done = drag;
    stop();
    if (!done) return;
    swallowClick();
    if (done.target) drop(done.ids, done.target);
  }

  function onKey(event) {
    if (event.key !== "Escape" || !drag) return;
    event.preventDefault();
    event.stopPropagation();
    stop();
  }

  function stop() {
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    window.removeEventListener("pointercancel", stop);
    window.removeEventListener("keydown", onKey, true);
    press = null;
    if (!drag) return;
    clearInterval(drag.scroll);
    drag.ghost.remove();
    drag = null;
    document.body.classList.remove("dragging");
    over(null);
    end();
  }

  host.addEventListener("pointerdown", onDown);
  return () => {
    stop();
    host.removeEventListener("pointerdown", onDown);
  };
}

// {key, kind: "cluster" | "off" | "new" | "card", id?}: what lies under the pointer, a card before its pane.
function targetAt(x, y, ids) {
  const under = document.elementFromPoint(x, y);
  const place = under?.closest("[data-drop]");
  const card = under?.closest("[data-card]")?.dataset.card;
  if (!place) return null;
  const [kind, id] = place.dataset.drop.split(":");
  if (kind === "off" && card && !ids.includes(card)) return { key: `card:${card}`, kind: "card", id: card };
  return { key: place.dataset.drop, kind, id };
}
