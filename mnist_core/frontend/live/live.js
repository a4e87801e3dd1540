// The live view of a training: progress, figures, two curves that grow, and twenty test digits.
//
// The server sends what is new since its last message: points from number `from` on, and epochs
// from number `epochsFrom` on. A message that leaves a gap was preceded by one that got lost; then
// the view asks for everything.
import uPlot from "./uPlot.min.js";

const METRICS = ["loss", "accuracy"];
const STRIDE = 0.5; // share of the way to its new range that an axis goes with a message
const SIDE = 28;
const LINE = 14; // pixels of a line of labels above a chart
const LINES = 2;

const views = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    if (!data.setup) {
      setTriggerValue("missed", true);
      return undefined;
    }
    view = new View(parentElement);
    views.set(parentElement, view);
  }
  if (!view.take(data)) setTriggerValue("missed", true);
  // Streamlit ends each call, before or after the newer one that goes on with the same element.
  const turn = (view.turn += 1);
  return () => setTimeout(() => {
    if (view.turn !== turn || parentElement.isConnected) return;
    view.end();
    views.delete(parentElement);
  });
}

function make(kind, parent, name, text) {
  const element = document.createElement(kind);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

class View {
  constructor(parent) {
    this.turn = 0;
    parent.querySelector(".live")?.remove();
    this.root = make("section", parent, "live");
    this.status = make("p", this.root, "status");
    this.bar = make("div", this.root, "bar");
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", "Progress of the training");
    this.bar.setAttribute("aria-valuemin", 0);
    this.bar.setAttribute("aria-valuemax", 100);
    this.fill = make("div", this.bar, "fill");
    this.figures = make("dl", this.root, "figures");
    this.values = new Map();
    const row = make("div", this.root, "charts");
    this.charts = METRICS.map((metric) => new Chart(row, metric));
    this.digitsTitle = make("p", this.root, "title");
    this.digits = make("div", this.root, "digits");
    this.says = make("p", this.root, "says");
    this.guesses = [];
    this.table = make("table", this.root, "for-screen-readers");
    this.x = [];
    this.points = [[], []];
    this.epochs = [];
  }

  // Take a message; false if it leaves a gap after what is here.
  take(data) {
    if (data.setup) this.setUp(data.setup);
    this.followTheme();
    if (data.from > this.x.length || data.epochsFrom > this.epochs.length) return false;
    this.x.splice(data.from, Infinity, ...data.x);
    METRICS.forEach((metric, at) => this.points[at].splice(data.from, Infinity, ...data[metric]));
    this.epochs.splice(data.epochsFrom, Infinity, ...data.epochs);
    this.showProgress(data);
    this.showFigures(data.figures);
    this.charts.forEach((chart, at) => {
      chart.plot.setAttribute("aria-label", data.alts[at]);
      const epochs = this.epochs.map((epoch) => [epoch[0], epoch[1 + at], epoch[3 + at]]);
      chart.grow(this.x, this.points[at], epochs, data);
    });
    this.showGuesses(data);
    this.fillTable();
    return true;
  }

  setUp(setup) {
    this.setup = setup;
    this.charts.forEach((chart) => chart.restyle(setup));
    this.digits.replaceChildren();
    this.digits.hidden = this.digitsTitle.hidden = !setup.labels.length;
    const bytes = Uint8Array.from(atob(setup.images), (character) => character.charCodeAt(0));
    this.guesses = setup.labels.map((label, at) => {
      const digit = make("figure", this.digits);
      const canvas = make("canvas", digit);
      canvas.width = canvas.height = SIDE;
      const image = new ImageData(SIDE, SIDE);
      for (let pixel = 0; pixel < SIDE * SIDE; pixel += 1) {
        image.data.fill(bytes[at * SIDE * SIDE + pixel], 4 * pixel, 4 * pixel + 3);
        image.data[4 * pixel + 3] = 255;
      }
      canvas.getContext("2d").putImageData(image, 0, 0);
      canvas.setAttribute("role", "img");
      return { digit, canvas, words: make("figcaption", digit, "", "?"), label };
    });
    this.root.style.setProperty("--right", setup.colors.right);
    this.root.style.setProperty("--wrong", setup.colors.wrong);
  }

  // Streamlit hands over the same message again when the theme changes.
  followTheme() {
    const text = getComputedStyle(this.root).getPropertyValue("--st-text-color");
    if (text === this.text) return;
    if (this.text) this.charts.forEach((chart) => chart.restyle(this.setup));
    this.text = text;
  }

  showProgress({ status, done, says }) {
    this.status.textContent = status;
    this.says.textContent = says;
    this.says.hidden = !says;
    this.fill.style.transform = `scaleX(${done})`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * done));
    this.bar.setAttribute("aria-valuetext", status);
  }

  showFigures(figures) {
    for (const [name, value] of figures) {
      if (!this.values.has(name)) {
        const pair = make("div", this.figures);
        make("dt", pair, "", name);
        this.values.set(name, make("dd", pair));
      }
      this.values.get(name).textContent = value;
    }
  }

  showGuesses({ guesses, digitsTitle }) {
    this.digitsTitle.textContent = digitsTitle;
    this.guesses.forEach(({ digit, canvas, words, label }, at) => {
      const told = guesses?.[at];
      if (!told) {
        canvas.setAttribute("aria-label", `a handwritten ${label}, not read yet`);
        return;
      }
      const right = told[0] === label;
      digit.className = right ? "right" : "wrong";
      words.textContent = `${right ? "✓" : "✗"} ${told[0]}, ${told[1]}`;
      canvas.setAttribute("aria-label", `a handwritten ${label}, read as ${told[0]}`);
    });
  }

  fillTable() {
    if (this.table.rows.length === this.epochs.length + 1) return;
    this.table.replaceChildren();
    make("caption", this.table, "", this.setup.words.table);
    const head = make("tr", this.table);
    this.setup.words.columns.forEach((name) => make("th", head, "", name));
    for (const epoch of this.epochs) {
      const row = make("tr", this.table);
      epoch.forEach((value) => make("td", row, "", value === null ? "" : value));
    }
  }

  end() {
    this.charts.forEach((chart) => chart.end());
  }
}

class Chart {
  constructor(parent, metric) {
    this.metric = metric;
    const figure = make("figure", parent);
    make("figcaption", figure, "", metric);
    this.plot = make("div", figure, "plot");
    this.plot.setAttribute("role", "img");
    this.changes = [];
    this.range = null;
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.plot);
  }

  // Make the chart, or make it again in the colors of another theme.
  restyle({ colors, words }) {
    const look = getComputedStyle(this.plot);
    const text = look.getPropertyValue("--st-text-color").trim() || "#808a99";
    const grid = look.getPropertyValue("--st-border-color-light").trim() || "#808a9933";
    const data = this.uplot?.data ?? [[0], [null], [null], [null]];
    this.uplot?.destroy();
    this.colors = { ...colors, text };
    const font = "12px " + (look.getPropertyValue("--st-font").trim() || "sans-serif");
    const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const points = (fill) => ({ show: true, size: 7, width: 2, fill });
    const options = {
      ...this.size(),
      cursor: { show: false },
      padding: [() => (this.changes.length ? LINES * LINE + 6 : 10), null, null, null],
      legend: { live: false },
      scales: { x: { time: false, auto: false }, y: { auto: false } },
      axes: [{ ...axis, label: "epoch", labelFont: font, labelSize: 18, size: 26 }, { ...axis, size: 44 }],
      series: [
        { label: "epoch" },
        {
          label: words.batches,
          stroke: colors.training + "99",
          width: 1,
          points: { show: false },
          spanGaps: true,
        },
        {
          label: words.training,
          stroke: colors.training,
          width: 2,
          points: points(colors.training),
          spanGaps: true,
        },
        {
          label: words.validation,
          stroke: colors.validation,
          width: 2,
          dash: [6, 4],
          points: points(look.getPropertyValue("--st-background-color").trim() || "#fff"),
          spanGaps: true,
        },
      ],
      hooks: { draw: [() => this.markChanges()] },
    };
    this.uplot = new uPlot(options, data, this.plot);
    if (this.range) this.scale(this.range);
  }

  size() {
    const legend = 26;
    return {
      width: Math.max(160, this.plot.clientWidth),
      height: Math.max(120, this.plot.clientHeight - legend),
    };
  }

  fit() {
    if (!this.uplot) return;
    const { width, height } = this.size();
    if (width !== this.uplot.width || height !== this.uplot.height) {
      this.uplot.setSize({ width, height });
    }
  }

  // Draw all points. rests: no message will follow.
  grow(x, values, epochs, { planned, changes, rests }) {
    const isNew = changes.length !== this.changes.length;
    this.changes = changes;
    if (isNew) this.uplot.redraw(false, true); // the labels need room
    const batches = [x.length ? x : [0], x.length ? values : [null]];
    const columns = epochs.length ? epochs : [[0, null, null]];
    const means = [0, 1, 2].map((column) => columns.map((epoch) => epoch[column]));
    this.uplot.setData(uPlot.join([batches, means]), false);
    const last = Math.max(x.at(-1) ?? 0, epochs.at(-1)?.[0] ?? 0);
    this.move(this.target(last, values, epochs, planned), rests);
  }

  // Return the range of both axes in which the curves fill the chart: [x, bottom, top].
  target(last, values, epochs, planned) {
    const right = last >= planned ? planned : Math.min(planned, Math.max(0.25, 1.15 * last));
    const settled = values.slice(Math.floor(values.length / 8)); // without the first steep part
    const seen = [...settled, ...epochs.flatMap((epoch) => epoch.slice(1))].filter(
      (value) => value !== null
    );
    if (this.metric === "accuracy") {
      const low = seen.length ? Math.min(...seen) : 0;
      return [right, Math.max(0, low - 0.05), 1.005];
    }
    return [right, 0, seen.length ? 1.1 * Math.max(...seen) : 2.5];
  }

  // Go to a range, with every message half of the way: each frame more costs the training time.
  move(target, rests) {
    const start = rests || this.still.matches ? target : (this.range ?? target);
    this.scale(target.map((value, at) => start[at] + STRIDE * (value - start[at])));
  }

  scale([right, bottom, top]) {
    this.range = [right, bottom, top];
    this.uplot.batch(() => {
      this.uplot.setScale("x", { min: 0, max: right });
      this.uplot.setScale("y", { min: bottom, max: top });
    });
  }

  // Mark where a person has changed the learning rate. The labels are above the chart, where no
  // curve crosses them; of those that have no room, the latest are kept.
  markChanges() {
    const { ctx, bbox } = this.uplot;
    const [end, pixel] = [bbox.left + bbox.width, devicePixelRatio];
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = this.colors.text;
    ctx.font = `${11 * pixel}px sans-serif`;
    [ctx.textAlign, ctx.textBaseline] = ["left", "alphabetic"];
    ctx.setLineDash([3 * pixel, 3 * pixel]);
    const starts = Array(LINES).fill(Infinity); // of the label that is leftmost so far in a line
    for (const [at, words] of this.changes.toReversed()) {
      const x = this.uplot.valToPos(at, "x", true);
      if (x > end) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const { width } = ctx.measureText(words);
      const left = Math.min(x - width / 2, end - width);
      const line = starts.findIndex((start) => left + width + 6 * pixel <= start);
      if (line === -1) continue;
      starts[line] = left;
      ctx.fillText(words, left, bbox.top - (5 + line * LINE) * pixel);
    }
    ctx.restore();
  }

  end() {
    this.resized.disconnect();
    this.uplot?.destroy();
  }
}
