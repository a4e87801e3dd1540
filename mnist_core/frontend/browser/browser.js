// One entry in the browser's history per move; what screen this is; and the visitor's token.
//
// Streamlit adds an entry whenever the server changes the query of the address, which it does after
// each move. Here such a change replaces the entry of its page. Only an edit that somebody makes of
// the network in the address stays an entry of its own, so that Back undoes it. And a page that is
// left keeps the address it had: Streamlit takes its query away, and writes the next page's over it.
const PATCHED = Symbol.for("mnist.history"); // whether the server knows of it too
const NETWORK = "network";
const TOKEN = "mnist_workspace"; // in the browser's storage, where no cookie of ours arrives

let ofPages = new Set(); // parameters that do not describe a network
let ofSession = []; // parameters that every page writes anew
let acted = false; // whether somebody did something since the address changed
let left; // the address when somebody did something last

export default function ({ data, setTriggerValue }) {
  ofPages = new Set(data.ofPages);
  ofSession = data.ofSession;
  if (!(PATCHED in window)) patch();
  window[PATCHED] = data.prepared;
  const finger = matchMedia("(pointer: coarse)").matches;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!data.prepared) {
    const token = data.token && keptToken(data.token);
    setTriggerValue("ready", { finger, still, width: innerWidth, height: innerHeight, token });
  }
}

// The token that this browser has kept, or this new one, which it keeps from now on; null if its
// storage is closed.
function keptToken(token) {
  try {
    const kept = localStorage.getItem(TOKEN);
    if (/^[\w-]{22}$/.test(kept)) return kept;
    localStorage.setItem(TOKEN, token);
    return token;
  } catch {
    return null;
  }
}

function patch() {
  for (const act of ["click", "keydown"]) addEventListener(act, note, { capture: true });
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const from = new URL(location.href);
    const to = new URL(address, from);
    const moves = from.pathname !== to.pathname;
    if (moves) keep(from);
    if (moves || (acted && isEdit(from.searchParams, to.searchParams))) {
      push(state, title, address);
      acted = false;
    } else {
      history.replaceState(state, title, address);
    }
  };
  addEventListener("popstate", () => (acted = false));
}

function note() {
  acted = true;
  left = new URL(location.href);
}

// Gives the page that is left its address back, without what is true of the whole session.
function keep(from) {
  if (left?.pathname !== from.pathname) return;
  for (const name of ofSession) left.searchParams.delete(name);
  history.replaceState(history.state, "", left);
  left = undefined;
}

function isEdit(from, to) {
  return from.has(NETWORK) && to.has(NETWORK) && sorted(from) !== sorted(to);
}

function sorted(query) {
  const ofNetwork = [...query].filter(([name]) => !ofPages.has(name));
  const copy = new URLSearchParams(ofNetwork);
  copy.sort();
  return copy.toString();
}
