// Exchanges the token behind `#` for a cookie that no script can read, and wipes it from the address.
//
// On the sign-in page it then opens what was asked for; a staff page that is open already stays as it is.

const TOKEN = /^#([A-Za-z0-9_-]{16,200})$/;
const door = document.getElementById("door-says");

look();
window.addEventListener("hashchange", look); // a link that was pasted over the address of this very page

// A page whose link was taken back meanwhile cannot even ask: the door says why.
window.addEventListener("load", () => setTimeout(() => window.socket?.on("connect_error", ask)));

// A page that is left for good need not be kept for when a laptop wakes up.
window.addEventListener("pagehide", event => {
  if (!event.persisted && window.clientId) navigator.sendBeacon(`/auth/closed/${window.clientId}`);
});

async function ask() {
  try {
    const { status } = await fetch(location.pathname, { method: "HEAD", redirect: "manual" });
    if (status === 401 || status === 403) location.reload();
  } catch {
    // no network: the socket goes on trying
  }
}

function look() {
  const found = TOKEN.exec(location.hash);
  if (!found) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  exchange(found[1]);
}

async function exchange(token) {
  const words = door ? JSON.parse(document.getElementById("about").textContent) : {};
  const again = document.getElementById("door-again");
  tell(words.opening);
  if (again) again.hidden = true;
  const answer = await post(token);
  if (answer === "opened") {
    if (door) location.replace(location.pathname + location.search);
    return;
  }
  if (!again) return;
  tell(answer === "unknown" ? words.unknown : answer || words.offline);
  if (answer === "unknown") return;
  again.hidden = false;
  again.onclick = () => exchange(token);
}

// "opened", "unknown", the server's own sentence, or "" where no answer came.
async function post(token) {
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/auth", { method: "POST", headers, body: JSON.stringify({ token }) });
    if (response.ok) return "opened";
    return response.status === 401 ? "unknown" : (await response.json()).title;
  } catch {
    return "";
  }
}

function tell(sentence) {
  if (door && sentence) door.textContent = sentence;
}
