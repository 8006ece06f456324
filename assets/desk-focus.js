// Whoever works with the keyboard keeps their place: where the focused button is gone, its part's heading has the focus.

const SOON = 60; // ms in which a part may give the focus to something better itself

// To be called when an act begins: its answer may then move the focus, unless somebody has gone elsewhere meanwhile, who
// would find that what they write goes to the cards as letters of commands.
export function fromHere() {
  const from = document.activeElement;
  return to => {
    const now = document.activeElement;
    if (now === from || now === document.body || now.matches("h2, h3")) to?.focus();
  };
}

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
