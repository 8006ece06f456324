// Icons as inline SVG, always beside a word. Learn is a circle, share a square, create a triangle.

const PATHS = {
  "co-learning": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  "co-sharing": "M4 4h16v16H4z",
  "co-creation": "M12 3l10 18H2z",
  menu: "M3 5h18v3H3zM3 11h18v3H3zM3 17h18v3H3z",
  check: "M9 19l-6-6 2.5-2.5L9 14l9.500-9.500L21 7z",
  down: "M4 3h16v18H4zM7 6v12h10V6z",
  wait: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm1.500 5v5l4 2.500-1.300 2.200-5.200-3.200V7z",
  alert: "M12 2L1 22h22zm-1.500 7h3v6h-3zm0 8h3v3h-3z",
  open: "M5 9l2-2 5 5 5-5 2 2-7 7z",
  people: "M12 3a4 4 0 1 0 0 9 4 4 0 0 0 0-9zM4 21c0-9 16-9 16 0z",
};

export const icon = (h, name) =>
  PATHS[name]
    ? h("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, [
        h("path", { d: PATHS[name], "fill-rule": "evenodd" }),
      ])
    : null;
