// What a drag over the wall and a frame around cards have in common.

// The click that ends a gesture chooses and clears nothing.
export function swallowClick() {
  const swallow = event => event.stopPropagation();
  window.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", swallow, true), 50);
}
