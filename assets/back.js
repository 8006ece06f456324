// What covers a page has an entry of its own in the browser's history: "Back" closes it, and leaves only then.

export function covering({ watch }, isOpen, close) {
  let going = false; // back, to where nothing covers: until the browser has gone there

  function settle() {
    if (going || isOpen() === Boolean(history.state?.cover)) return;
    if (isOpen()) return history.pushState({ ...history.state, cover: true }, "");
    going = true;
    history.back();
  }

  watch(isOpen, settle);
  addEventListener("popstate", () => {
    if (!going && !history.state?.cover) return close();
    going = false;
    settle();
  });
  settle(); // a page that was loaded anew begins uncovered
}
