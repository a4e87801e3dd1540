// The wall of a class: every digit that was written, in groups, right and wrong ones marked.
//
// A message names all digits and brings the images of new ones. Where the image of one is missing,
// an earlier message was lost, and the wall asks for everything.
const SIDE = 28;
const SIZES = [[60, 56], [150, 42], [400, 35], [Infinity, 28]]; // up to so many digits: pixels

const walls = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let wall = walls.get(parentElement);
  if (!wall) {
    wall = new Wall(parentElement);
    walls.set(parentElement, wall);
  }
  if (!wall.take(data)) setTriggerValue("missed", true);
}

function make(kind, parent, name, text) {
  const element = document.createElement(kind);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

class Wall {
  constructor(parent) {
    parent.querySelector(".wall")?.remove();
    this.root = make("div", parent, "wall");
    this.root.setAttribute("role", "img");
    this.digits = new Map(); // by number: the element
    this.groups = new Map(); // by name: the element that holds its digits
  }

  // Take a message; false if it lacks an image that is not here.
  take(data) {
    for (const [number, image] of data.images) {
      if (!this.digits.has(number)) this.digits.set(number, draw(image));
    }
    const { digits } = data;
    if (digits.some(({ number }) => !this.digits.has(number))) return false;
    const [, size] = SIZES.find(([most]) => digits.length <= most);
    this.root.style.setProperty("--size", `${Math.round(size * data.growth)}px`);
    const longest = Math.max(...data.groups.map((name) => name.length));
    this.root.style.setProperty("--title", `${longest + 5}ch`); // with its count
    this.root.style.setProperty("--right", data.colors.right);
    this.root.style.setProperty("--wrong", data.colors.wrong);
    this.root.setAttribute("aria-label", data.alt);
    const present = new Set(digits.map(({ number }) => number));
    for (const number of [...this.digits.keys()]) {
      if (present.has(number)) continue;
      this.digits.get(number).remove();
      this.digits.delete(number);
    }
    this.arrange(data.groups, digits);
    return true;
  }

  // Put every digit into its group. What is in its place stays untouched, so nothing flickers.
  arrange(names, digits) {
    for (const name of [...this.groups.keys()]) {
      if (names.includes(name)) continue;
      this.groups.get(name).row.remove();
      this.groups.delete(name);
    }
    names.forEach((name, at) => {
      if (!this.groups.has(name)) {
        const row = make("section", this.root);
        this.groups.set(name, { row, title: make("h4", row), cells: make("div", row) });
      }
      const { row } = this.groups.get(name);
      if (this.root.children[at] !== row) this.root.insertBefore(row, this.root.children[at]);
    });
    const counts = new Map(names.map((name) => [name, 0]));
    for (const { number, group, mark, words } of digits) {
      const { cells } = this.groups.get(group);
      const element = this.digits.get(number);
      const at = counts.get(group);
      counts.set(group, at + 1);
      if (cells.children[at] !== element) cells.insertBefore(element, cells.children[at] ?? null);
      element.className = mark;
      element.title = words;
      element.lastChild.textContent = mark === "wrong" ? words.at(-1) : "";
    }
    for (const [name, { title }] of this.groups) {
      const text = `${name} · ${counts.get(name)}`;
      if (title.textContent !== text) title.textContent = text;
    }
  }
}

function draw(image) {
  const figure = document.createElement("figure");
  const canvas = make("canvas", figure);
  canvas.width = canvas.height = SIDE;
  const bytes = Uint8Array.from(atob(image), (character) => character.charCodeAt(0));
  const pixels = new ImageData(SIDE, SIDE);
  bytes.forEach((level, pixel) => pixels.data.set([level, level, level, 255], 4 * pixel));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  make("figcaption", figure);
  return figure;
}
