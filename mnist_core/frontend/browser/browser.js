// One entry in the browser's history per move; and whether the main pointer is a finger.
//
// Streamlit adds an entry whenever the server changes the query of the address, which it does after
// each move. Here such a change replaces the entry of its page. Only an edit of a network that the
// address describes stays an entry of its own, so that Back undoes it. And a page that is left keeps
// the address it had: Streamlit takes its query away, and writes that of the next page over it.
const PATCHED = Symbol.for("mnist.history");
const NETWORK = "network";
const SCRIPT = "data-test-script-state";

let left; // the address when the last script had ended
let ofPages = new Set(); // parameters that do not describe a network

export default function ({ data, setTriggerValue }) {
  ofPages = new Set(data.ofPages);
  if (!window[PATCHED]) patch();
  const finger = matchMedia("(pointer: coarse)").matches;
  if (!data.prepared) setTriggerValue("ready", { finger });
}

function patch() {
  window[PATCHED] = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const from = new URL(location.href);
    const to = new URL(address, from);
    const samePage = from.pathname === to.pathname;
    if (samePage && !isEdit(from.searchParams, to.searchParams)) {
      history.replaceState(state, title, address);
      return;
    }
    if (!samePage && left?.pathname === from.pathname) history.replaceState(history.state, "", left);
    push(state, title, address);
  };
  new MutationObserver(() => {
    const app = document.querySelector(`[${SCRIPT}]`);
    if (app?.getAttribute(SCRIPT) === "notRunning") left = new URL(location.href);
  }).observe(document.body, { attributeFilter: [SCRIPT], subtree: true });
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
