// Draws the map: each mark is copied pixel by pixel, which is fast with a graphics card and without.
"use strict";
const SHAPES = [d3.symbolCircle, d3.symbolSquare, d3.symbolTriangle, d3.symbolDiamond, d3.symbolStar, d3.symbolCross, d3.symbolWye];
const MARKS = { p1: 2, signal: 3, candidate: 1, anecdote: 0, other: 0, waiting: 0 };
const shapeOf = (mark) => SHAPES[(mark in MARKS ? MARKS[mark] : Number(mark)) % SHAPES.length];
const areaOf = (mark) => (mark === "other" ? 16 : mark === "waiting" ? 10 : 44);
// The eighth mark is the third's shape upside down.
const turned = (mark) => mark === "7";

function markPath(mark) { return d3.symbol(turned(mark) ? d3.symbolTriangle : shapeOf(mark), areaOf(mark) * 1.6)(); }

// Where a mark has pixels, and in which colour: drawn once with a rim in the ground's colour.
function stamp(mark, colour, ground, ratio, scale) {
  const half = Math.ceil(7 * ratio * scale), side = 2 * half + 1;
  const small = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  small.translate(half + 0.5, half + 0.5);
  small.scale(ratio * scale, (turned(mark) ? -1 : 1) * ratio * scale);
  small.beginPath();
  d3.symbol(turned(mark) ? d3.symbolTriangle : shapeOf(mark), areaOf(mark)).context(small)();
  small.lineWidth = 1.6; small.strokeStyle = ground; small.stroke();
  small.fillStyle = colour; small.fill();
  const pixels = new Uint32Array(small.getImageData(0, 0, side, side).data.buffer);
  const found = { dx: [], dy: [], colour: [] };
  pixels.forEach((pixel, place) => {
    if (pixel >>> 24 < 110) return;
    found.dx.push(place % side - half); found.dy.push(Math.floor(place / side) - half);
    found.colour.push((pixel | 0xff000000) >>> 0);
  });
  return found;
}

class Picture {
  constructor(canvas, data, markOf) {
    Object.assign(this, { canvas, data, markOf, pen: canvas.getContext("2d") });
    this.shown = new Uint8Array(data.ids.length).fill(1);
    this.chosen = new Set();
    this.transform = d3.zoomIdentity;
    this.stamps = {};
  }

  // Fit the sheet to the window; the points' places on it before zooming.
  fit() {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    Object.assign(this, { width, height });
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    this.pixels = this.pen.createImageData(this.canvas.width, this.canvas.height);
    this.whole = new Uint32Array(this.pixels.data.buffer);
    // A square picture, drawn out somewhat where the sheet is wide or tall.
    this.across = Math.min(width, height * 1.8) * 0.96;
    this.down = Math.min(height, width * 1.8) * 0.94;
    this.x = Float32Array.from(this.data.x, (v) => this.sheetX(v));
    this.y = Float32Array.from(this.data.y, (v) => this.sheetY(v));
    this.tree = d3.quadtree(d3.range(this.x.length), (i) => this.x[i], (i) => this.y[i]);
    this.colours();
  }

  sheetX(v) { return (v / this.data.grid - 0.5) * this.across + this.width / 2; }

  sheetY(v) { return (v / this.data.grid - 0.5) * this.down + this.height / 2; }

  // From the style sheet, so that light and dark are said in one place.
  colours() {
    const style = getComputedStyle(this.canvas);
    this.ground = style.getPropertyValue("--card").trim();
    this.ink = style.getPropertyValue("--ink").trim();
    this.accent = style.getPropertyValue("--accent").trim();
    this.stamps = {};
    for (const mark of new Set(this.markOf)) {
      const colour = style.getPropertyValue(`--m-${mark}`).trim();
      this.stamps[mark] = stamp(mark, colour, this.ground, this.ratio, this.x.length > 4_000 ? 0.75 : 1);
      this.stamps[`${mark} chosen`] = stamp(mark, colour, this.ink, this.ratio, 1.35);
    }
    const rank = (i) => (this.markOf[i] === "waiting" ? 0 : this.markOf[i] === "other" ? 1 : 2);
    this.order = d3.range(this.x.length).sort((a, b) => rank(a) - rank(b) || a - b);
  }

  at(i) { return [this.transform.applyX(this.x[i]), this.transform.applyY(this.y[i])]; }

  // The point nearest to a place on the sheet, within a finger's breadth; -1 for none.
  near(x, y) {
    const [px, py] = this.transform.invert([x, y]);
    const found = this.tree.find(px, py, 14 / this.transform.k);
    return found !== undefined && this.shown[found] ? found : -1;
  }

  within(corners) {
    const inside = [];
    for (let i = 0; i < this.x.length; i += 1) if (this.shown[i] && d3.polygonContains(corners, this.at(i))) inside.push(i);
    return inside;
  }

  put(name, i) {
    const { dx, dy, colour } = this.stamps[name];
    const wide = this.canvas.width, high = this.canvas.height;
    const x = Math.round((this.x[i] * this.transform.k + this.transform.x) * this.ratio);
    const y = Math.round((this.y[i] * this.transform.k + this.transform.y) * this.ratio);
    if (x < -20 || y < -20 || x > wide + 20 || y > high + 20) return;
    for (let p = 0; p < dx.length; p += 1) {
      const px = x + dx[p], py = y + dy[p];
      if (px >= 0 && px < wide && py >= 0 && py < high) this.whole[py * wide + px] = colour[p];
    }
  }

  draw({ hovered = -1, line = [], cross = null } = {}) {
    this.whole.fill(0);
    for (const i of this.order) if (this.shown[i] && !this.chosen.has(i)) this.put(this.markOf[i], i);
    for (const i of this.chosen) if (this.shown[i]) this.put(`${this.markOf[i]} chosen`, i);
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.putImageData(this.pixels, 0, 0);
    this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.names();
    this.pen.strokeStyle = this.accent;
    this.pen.lineWidth = 2;
    if (hovered >= 0) { this.pen.beginPath(); this.pen.arc(...this.at(hovered), 9, 0, 7); this.pen.stroke(); }
    if (line.length) {
      this.pen.beginPath();
      line.forEach(([x, y], place) => (place ? this.pen.lineTo(x, y) : this.pen.moveTo(x, y)));
      this.pen.closePath(); this.pen.setLineDash([5, 4]); this.pen.stroke(); this.pen.setLineDash([]);
    }
    if (cross) {
      this.pen.beginPath();
      for (const [dx, dy] of [[14, 0], [0, 14]]) { this.pen.moveTo(cross[0] - dx, cross[1] - dy); this.pen.lineTo(cross[0] + dx, cross[1] + dy); }
      this.pen.stroke();
    }
  }

  // Names of islands, the largest first; one that would lie on another is left out.
  names() {
    const taken = [], { k } = this.transform;
    this.pen.font = "600 12px system-ui, sans-serif";
    this.pen.textAlign = "center";
    this.pen.lineJoin = "round";
    for (const place of this.byRadius ??= d3.range(this.data.themes.length).sort((a, b) => this.data.islands[b][2] - this.data.islands[a][2])) {
      const [gx, gy, radius] = this.data.islands[place];
      const size = (radius / this.data.grid) * this.down * k;
      if (!radius || size < 15 || taken.length >= this.width * this.height / 28_000) break;
      const middle = this.transform.applyX(this.sheetX(gx)), y = this.transform.applyY(this.sheetY(gy)) - size - 4;
      const whole = this.data.themes[place].label, label = whole.length > 36 ? `${whole.slice(0, 35).trimEnd()}…` : whole;
      const half = this.pen.measureText(label).width / 2 + 4;
      if (middle < 0 || middle > this.width || y < 12 || y > this.height) continue;
      const x = Math.max(half, Math.min(middle, this.width - half));
      if (taken.some(([ox, oy, other]) => Math.abs(ox - x) < other + half && Math.abs(oy - y) < 17)) continue;
      taken.push([x, y, half]);
      this.pen.strokeStyle = this.ground; this.pen.lineWidth = 4; this.pen.strokeText(label, x, y);
      this.pen.fillStyle = this.ink; this.pen.fillText(label, x, y);
    }
  }
}
