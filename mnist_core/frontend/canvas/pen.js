/**
 * A pen for the keyboard: the arrow keys move it, the space bar puts it down and lifts it again.
 *
 * It draws as a mouse does, with the same events on the same sheet.
 */
const STEP = 1 / 20; // of the sheet's side
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pen {
  at = [0.5, 0.2]; // shares of the sheet's width and height
  isDown = false;

  /** root: holds the sheet; signal: ends the pen. */
  constructor(root, signal) {
    this.root = root;
    root.addEventListener("keydown", (event) => this.take(event), { signal });
    root.addEventListener("focusout", () => this.lift(), { signal });
    root.addEventListener("pointerdown", (event) => event.isTrusted && this.lift(), { signal });
  }

  /** Makes the sheet reachable, and shows where the pen is. words: label and hint. */
  attach({ label, hint, down, up }) {
    this.words = { down, up };
    this.sheet = this.root.querySelector(".dc-root");
    this.sheet.tabIndex = 0;
    this.sheet.setAttribute("role", "application");
    this.sheet.setAttribute("aria-label", label);
    this.mark = this.sheet.querySelector(".pen") ?? this.sheet.appendChild(make("pen"));
    if (!this.sheet.querySelector(".pen-hint")) {
      this.sheet.appendChild(make("pen-hint")).textContent = hint;
      this.sheet.appendChild(make("pen-state", "status"));
    }
    this.show();
  }

  take(event) {
    const move = MOVES[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(move || event.key === " ")) return;
    event.preventDefault(); // the page stays where it is
    if (!move) {
      if (!event.repeat) this.turn();
      return;
    }
    this.at = this.at.map((share, axis) => Math.min(1, Math.max(0, share + STEP * move[axis])));
    if (this.isDown) this.send("move");
    this.show();
  }

  lift() {
    if (this.isDown) this.turn();
  }

  /** Puts the pen down, or lifts it. */
  turn() {
    this.isDown = !this.isDown;
    this.send(this.isDown ? "down" : "up");
    if (this.isDown) this.send("move"); // a dot, if no arrow follows
    this.sheet.querySelector(".pen-state").textContent = this.words[this.isDown ? "down" : "up"];
    this.show();
  }

  send(kind) {
    const canvas = this.root.querySelector("canvas.upper-canvas");
    if (!canvas) return;
    const box = canvas.getBoundingClientRect();
    const place = {
      clientX: box.left + this.at[0] * box.width,
      clientY: box.top + this.at[1] * box.height,
      button: 0,
      buttons: kind === "up" ? 0 : 1,
      bubbles: true,
      composed: true,
    };
    canvas.dispatchEvent(new PointerEvent(`pointer${kind}`, place));
    canvas.dispatchEvent(new MouseEvent(`mouse${kind}`, place));
  }

  show() {
    const [left, top] = this.at.map((share) => `${100 * share}%`);
    Object.assign(this.mark.style, { left, top });
    this.mark.classList.toggle("down", this.isDown);
  }
}

function make(name, role) {
  const element = document.createElement("div");
  element.className = name;
  if (role) element.setAttribute("role", role);
  else element.setAttribute("aria-hidden", "true");
  return element;
}
