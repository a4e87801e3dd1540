// Brings the place where it is drawn into sight, once per turn.
const turns = new Map();

export default function ({ data, key, parentElement }) {
  if (turns.get(key) === data.turn) return;
  turns.set(key, data.turn);
  const place = parentElement.host;
  const { top, bottom } = place.getBoundingClientRect();
  const main = place.closest("[data-testid=stMain]").getBoundingClientRect();
  const end = document.querySelector("[data-testid=stBottom]")?.getBoundingClientRect().top;
  if (top < main.top || bottom + data.room > (end ?? main.bottom)) {
    place.scrollIntoView({ block: "center" });
  }
}
