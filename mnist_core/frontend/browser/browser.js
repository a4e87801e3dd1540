// One entry in the browser's history per move.
//
// Streamlit adds an entry whenever the server changes the query of the address, which it does after
// each move. Here such a change replaces the entry of its page. Only an edit of a network that the
// address describes stays an entry of its own, so that Back undoes it.
const PATCHED = Symbol.for("mnist.history");
const NETWORK = "network";

export default function ({ data, setTriggerValue }) {
  if (!window[PATCHED]) patch();
  if (!data.prepared) setTriggerValue("ready", true);
}

function patch() {
  window[PATCHED] = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const from = new URL(location.href);
    const to = new URL(address, from);
    const stays = from.pathname === to.pathname && !isEdit(from.searchParams, to.searchParams);
    if (stays) history.replaceState(state, title, address);
    else push(state, title, address);
  };
}

function isEdit(from, to) {
  return from.has(NETWORK) && to.has(NETWORK) && sorted(from) !== sorted(to);
}

function sorted(query) {
  const copy = new URLSearchParams(query);
  copy.sort();
  return copy.toString();
}
