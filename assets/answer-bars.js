// How many chose each step of a scale: bars with their numbers, for phone, screen and desk.

export function bars(h, room, phase) {
  const numbers = room.get("answers", phase.id)?.numbers ?? [];
  const most = Math.max(1, ...numbers);
  const { low, high } = phase.settings;
  const end = i => (i === 0 ? room.text(low) : i === numbers.length - 1 ? room.text(high) : "");
  return h("ol", { class: "bars-list" }, numbers.map((n, i) =>
    h("li", { key: i }, [
      h("span", { class: "step" }, [h("strong", i + 1), end(i) ? h("span", { class: "end", dir: "auto" }, end(i)) : null]),
      h("svg", { class: "answer-bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, [
        h("rect", { width: (100 * n) / most, height: 10 }),
      ]),
      h("span", { class: "figure" }, n),
    ]),
  ));
}
