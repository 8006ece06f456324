// On the page that says of a code that nothing is there: was it a workshop that this device was in, and was it deleted?
// Then all of it leaves the device too. What had not been sent is shown as long as this page is open.

import { storage } from "./storage.js";

const section = document.getElementById("gone");
const { code } = section.dataset;
const [kept, tab] = [storage(window), storage(window, "sessionStorage")];
const shown = decodeURIComponent(location.hash.slice(1)); // by a page that was told so
const token = kept.getItem(`facilitate.${code}.token`) || shown; // its own first: another session may have the code by now
if (shown) history.replaceState(null, "", location.pathname);

const isTheirs = key => [`facilitate.${code}.`, `desk.facilitate.${code}.`, `desk.${code}.`].some(start => key.startsWith(start));

// Only this server can know it, and it is asked again before anything goes.
async function isDeleted() {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/auth/deleted", { method: "POST", headers, body: JSON.stringify({ token }) });
  return answer.ok && (await answer.json()).deleted === true;
}

function unsent() {
  const name = /\.(?:page\.)?draft\./;
  const drafts = [kept, tab].flatMap(from => from.keys().filter(key => isTheirs(key) && name.test(key)).map(key => from.getItem(key)));
  const commands = kept.keys().filter(key => isTheirs(key) && key.includes(".out.")).flatMap(key => {
    try {
      return [JSON.parse(kept.getItem(key))];
    } catch {
      return []; // not ours
    }
  });
  const sent = commands.sort((a, b) => a.at - b.at).map(({ fields }) => fields?.text ?? fields?.title);
  return [...new Set([...sent, ...drafts])].filter(text => text?.trim());
}

function forget() {
  for (const from of [kept, tab]) from.keys().filter(isTheirs).forEach(key => from.removeItem(key));
}

function show(texts) {
  document.getElementById("wrong")?.remove();
  const field = document.getElementById("code"); // it is not wrong, and of no use any more
  field.removeAttribute("aria-invalid");
  field.setAttribute("aria-describedby", "hint");
  field.value = "";
  document.getElementById("left").hidden = !texts.length;
  for (const text of texts) {
    const card = document.createElement("li");
    Object.assign(card, { className: "card", dir: "auto", textContent: text });
    section.querySelector("ul").append(card);
  }
  section.hidden = false;
  document.title = section.querySelector("h2").textContent;
  section.querySelector("h2").focus();
}

async function look() {
  if (!token || !(await isDeleted().catch(() => false))) return;
  const texts = unsent();
  forget();
  show(texts);
}

look();
