// Shows the workspace's screen and says how it is going. No clipboard in either direction.
import RFB from "../novnc/core/rfb.js";

const byId = (id) => document.getElementById(id);
const [screen, cover, said, busy, again, meter, whole] = ["screen", "cover", "said", "busy", "again", "meter", "whole"].map(byId);
const POLL = 1000;
const METER = 15000;
const ELSEWHERE = 4001;
let rfb = null;
let failed = false;
let closed = 0; // the code with which the server ended the last connection

function tell(text, waiting, offer = "") {
  cover.hidden = false;
  said.textContent = text;
  busy.hidden = !waiting;
  again.hidden = !offer;
  again.textContent = offer;
}

async function ask(path, method) {
  const token = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie); // which the hub wants to see beside its cookie
  const headers = { Accept: "application/json", "X-XSRFToken": token ? decodeURIComponent(token[1]) : "" };
  const answer = await fetch(path, { method, headers, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function state() {
  const answer = await ask("pixels/state", "GET");
  const now = await answer.json();
  meter.textContent = now.told;
  return now;
}

async function begin() {
  let now;
  try {
    now = await state();
  } catch {
    tell("Your workspace does not answer. It may have been stopped, or you were logged out.", false, "Try again");
    return;
  }
  failed = now.state === "failed";
  if (now.state === "ready") connect();
  else if (now.state === "spent") {
    tell(`The amount that may be shown in a day is used up (${now.told}). Your code runs on, and the picture comes back at midnight UTC. ` +
      "To get results out, ask for a release.", false, "Look again");
  } else if (now.state === "failed") {
    tell(`The screen of your workspace could not be started. Your files and kernels are untouched. ${now.trouble}`, false, "Try again");
  } else {
    tell("Your workspace's screen is starting. This takes some seconds.", true);
    setTimeout(begin, POLL);
  }
}

// noVNC does not tell with which code a connection was closed, so it gets a socket that we have looked at.
function openSocket() {
  const address = new URL("pixels/screen", window.location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, ["binary"]);
  closed = 0;
  socket.addEventListener("close", (event) => { closed = event.code; });
  return socket;
}

function connect() {
  rfb = new RFB(screen, openSocket(), { shared: false });
  rfb.scaleViewport = true;
  rfb.resizeSession = true;
  rfb.background = "transparent";
  rfb.qualityLevel = 7;
  rfb.addEventListener("connect", () => {
    cover.hidden = true;
    rfb.focus();
  });
  rfb.addEventListener("disconnect", () => {
    rfb = null;
    if (closed === ELSEWHERE) tell("This workspace is open in another window.", false, "Show it here");
    else {
      tell("The connection was lost. Your session goes on; connecting again…", true);
      setTimeout(begin, POLL);
    }
  });
}

again.addEventListener("click", async () => {
  tell("Connecting…", true);
  if (failed) await ask("pixels/again", "POST").catch(() => {}); // begin then says that nobody answers
  begin();
});
byId("reopen").addEventListener("click", () => {
  ask("pixels/again", "POST").catch(() => tell("Your workspace does not answer.", false, "Try again"));
  if (rfb) rfb.focus();
});
whole.addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.ctrlKey && event.altKey) {
    event.preventDefault();
    event.stopPropagation();
    whole.focus();
  }
}, true);
setInterval(() => { if (rfb) state().catch(() => {}); }, METER);
begin();
