// What a device keeps: the browser's storage where it lets us, the page's memory where it does not.

// `name`: localStorage, or sessionStorage for what belongs to one tab.
export function storage(window, name = "localStorage") {
  const memory = new Map();
  let real = null;
  try {
    real = window[name] ?? null;
  } catch {
    // Refused: private mode, or cookies switched off.
  }
  const attempt = (act, other) => {
    try {
      return real ? act(real) : other();
    } catch {
      return other();
    }
  };
  return {
    getItem: key => memory.get(key) ?? attempt(it => it.getItem(key), () => null),
    setItem(key, value) {
      memory.delete(key);
      attempt(it => it.setItem(key, value), () => memory.set(key, value));
    },
    removeItem(key) {
      memory.delete(key);
      attempt(it => it.removeItem(key), () => {});
    },
    lasts: () => Boolean(real) && !memory.size,
    keys: () => [...memory.keys(), ...attempt(it => Object.keys(it), () => [])],
  };
}
