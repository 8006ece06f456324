// Words that may hurt: the server is asked about the texts that are on the page, each once, some at a time.

const MOST = 100; // texts of one question
const LONGEST = 15000; // characters of one question
const SOON = 250; // ms in which texts gather
const AT_ONCE = 20; // ms between two questions where there are more texts than one takes
const AGAIN = 10000; // ms until a question counts as lost

export default Vue => (client, { hints }) => {
  const flagged = Vue.shallowReactive(new Set()); // texts
  const known = new Set();
  const wanted = new Set();
  let due = null;

  // Whether this text is known to hold such a word; it is asked about where nobody has asked yet.
  function holds(text) {
    if (!hints || !text) return false;
    if (!known.has(text)) {
      known.add(text);
      wanted.add(text);
      due = due ?? setTimeout(ask, SOON);
    }
    return flagged.has(text);
  }

  function ask() {
    if (client.state.connection !== "online") return void (due = setTimeout(ask, AGAIN / 5));
    const texts = some();
    if (!texts.length) return void (due = null);
    let open = true;
    const lost = setTimeout(() => heard({ ok: false, error: { retry: 1 } }), AGAIN);

    function heard(answer) {
      if (!open) return;
      open = false;
      clearTimeout(lost);
      if (answer.ok) for (const i of answer.flagged) flagged.add(texts[i]);
      else if (answer.error.retry) for (const text of texts) wanted.add(text);
      due = setTimeout(ask, answer.ok ? (texts.length === MOST ? AT_ONCE : SOON) : 1000 * (answer.error.retry ?? 1));
    }

    client.ask({ kind: "hints", texts }, heard);
  }

  // The newest first: they are what is read now.
  function some() {
    const texts = [];
    let length = 0;
    for (const text of [...wanted].reverse()) {
      length += text.length;
      if (texts.length === MOST || (texts.length && length > LONGEST)) break;
      texts.push(text);
      wanted.delete(text);
    }
    return texts;
  }

  return holds;
};
