// Whoever works with the keyboard keeps their place: where the focused button is gone, its part's heading has the focus.

const SOON = 60; // ms in which a part may give the focus to something better itself

export default function keepFocus(root) {
  let last = null;
  let around = [];

  root.addEventListener("focusin", ({ target }) => {
    last = target;
    around = [];
    for (let it = target.parentElement; it && it !== root.parentElement; it = it.parentElement) around.push(it);
  });

  function isLost() {
    return last && !last.isConnected && document.activeElement === document.body;
  }

  function give() {
    if (!isLost()) return;
    const heading = around.filter(it => it.isConnected).map(it => it.querySelector("h2, h3")).find(Boolean);
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  }

  new MutationObserver(() => isLost() && setTimeout(give, SOON)).observe(root, { childList: true, subtree: true });
}
