/**
 * The sheet of streamlit-drawable-canvas, which also
 * - sends what it shows while a stroke is drawn: the library sends 0.2 s after the end of a stroke,
 * - keeps the drawing for a reload of the page, in this tab of the browser alone,
 * - is drawn dark on light where the page is light; what it sends is white on black all the same,
 * - takes a pen that the keyboard moves.
 */
import { Pen } from "./pen.js";

const EVERY_MS = 250;
const KEPT = "mnist-drawing";

/** Returns the drawing of this tab, {raw, data} as the library sends it, or null. */
const readKept = () => {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null; // the browser keeps nothing here
  }
};

const keep = (drawing) => {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(drawing));
  } catch {
    // then a reload begins with an empty sheet
  }
};

/** One sheet in the browser, for as long as the page shows it. */
class Sheet {
  turn = 0;
  send = () => {};
  objects = [];
  edition = null;
  restored = [];
  timer = null;
  moved = false;
  picture = document.createElement("canvas");
  listening = new AbortController();

  constructor(root) {
    this.root = root;
    const { signal } = this.listening;
    this.pen = new Pen(root, signal);
    const begin = (event) => event.target.matches?.("canvas.upper-canvas") && this.begin();
    root.addEventListener("pointerdown", begin, { signal });
    root.addEventListener("pointermove", () => (this.moved = true), { signal });
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, () => this.end(), { signal });
    }
  }

  /** Returns the library's data, with the kept drawing if the server has none yet. */
  start(data) {
    const { objects, edition } = data.initialDrawing;
    const isFirst = this.edition === null;
    if (edition !== this.edition) {
      [this.edition, this.objects] = [edition, objects];
    }
    const kept = isFirst && edition === 0 ? readKept() : null;
    if (kept?.raw?.objects?.length) {
      this.restored = kept.raw.objects;
      this.receive(kept);
    }
    if (edition !== 0 || !this.restored.length) {
      return data;
    }
    return { ...data, initialDrawing: { ...data.initialDrawing, objects: this.restored } };
  }

  /** Takes what the library sends after a stroke or a new start. */
  receive(drawing) {
    this.objects = drawing.raw.objects;
    keep(drawing);
    this.send(drawing);
  }

  begin() {
    this.end();
    this.moved = true;
    this.timer = setInterval(() => this.show(), EVERY_MS);
  }

  end() {
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
      this.moved = true;
      // Two frames later Fabric has drawn the finished stroke, as the library will send it.
      requestAnimationFrame(() => requestAnimationFrame(() => this.show()));
    }
  }

  /** Sends what the sheet shows, with the strokes that are finished. */
  show() {
    const layers = ["dc-canvas", "upper-canvas"].map((name) =>
      this.root.querySelector(`canvas.${name}`),
    );
    if (!this.moved || layers.includes(null)) {
      return;
    }
    this.moved = false;
    [this.picture.width, this.picture.height] = [layers[0].width, layers[0].height];
    const context = this.picture.getContext("2d");
    layers.forEach((layer) => context.drawImage(layer, 0, 0));
    const data = this.picture.toDataURL("image/png");
    this.send({ raw: { objects: this.objects, unfinished: true }, data });
  }

  stop() {
    clearInterval(this.timer);
    this.listening.abort();
  }
}

const sheets = new WeakMap();

/** data: the library's, with the address of its script, whether the page is light, and words. */
export default async ({ data, parentElement, setStateValue, ...more }) => {
  const { library, darkOnLight, words, ...given } = data;
  const { default: draw } = await import(library);
  const sheet = sheets.get(parentElement) ?? new Sheet(parentElement);
  sheets.set(parentElement, sheet);
  const turn = (sheet.turn += 1);
  sheet.send = (drawing) => setStateValue("drawing", drawing);
  const dispose = draw({
    ...more,
    parentElement,
    data: sheet.start(given),
    setStateValue: (name, value) =>
      name === "drawing" ? sheet.receive(value) : setStateValue(name, value),
  });
  parentElement.querySelector(".dc-root").classList.toggle("dark-on-light", darkOnLight);
  sheet.pen.attach(words);
  // Streamlit ends each call, before or after the newer one that goes on with the same sheet.
  return () => setTimeout(() => {
    if (sheet.turn !== turn || parentElement.isConnected) return;
    sheet.stop();
    sheets.delete(parentElement);
    dispose();
  });
};
