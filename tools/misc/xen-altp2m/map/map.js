// SPDX-License-Identifier: GPL-2.0-only
/*
 * The picture of a domain's views, in a browser.
 *
 * However much there is, a frame costs no more than what is on the screen: rows
 * that aren't visible aren't looked at, and within a row it goes from one pixel
 * to the next by binary search, never through all ranges. window.altp2mMap.stats
 * counts what a frame took, and tests hold it to that.
 */
"use strict";
(() => {
const dump = JSON.parse(document.getElementById("dump").textContent);
const canvas = document.getElementById("map"), pen = canvas.getContext("2d");
const tip = document.getElementById("tip");

const LABEL = 170, RIGHT = 22, TOP = 64, ROW = 38, BAR = 19, STRIPE = 4, ARC_ROOM = 15, ARCS = 40;
const AS_HOST = 11, NO_PAGE = 12;
const LEVELS = ["4 KiB", "2 MiB", "1 GiB", "512 GiB"];
const ACCESS = ["---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx", "rx2rw", "n2rwx", "r_pw", "as the host"];
const KINDS = ["RAM", "ROM", "shared page", "paged out", "another domain's page", "device"];

const stats = { frames: 0, draws: 0, steps: 0, rows: 0 };

// ---- ranges: sorted, without overlap ------------------------------------

/*
 * first[i] up to end[i]; mask[i] says what it is. tree is a segment tree of
 * masks, so that what is in any stretch of ranges is found in few steps.
 */
class Ranges {
    constructor(count) {
        this.count = count;
        this.first = new Float64Array(count);
        this.end = new Float64Array(count);
        this.tree = null;
    }

    // The first range that ends behind gfn.
    find(gfn) {
        let low = 0, high = this.count;
        while (low < high) {
            stats.steps++;
            const middle = (low + high) >> 1;
            if (this.end[middle] <= gfn) low = middle + 1; else high = middle;
        }
        return low;
    }

    build(mask) {
        let size = 1;
        while (size < this.count) size *= 2;
        this.size = size;
        this.tree = new Uint16Array(2 * size);
        for (let i = 0; i < this.count; i++) this.tree[size + i] = mask(i);
        for (let i = size - 1; i; i--) this.tree[i] = this.tree[2 * i] | this.tree[2 * i + 1];
    }

    mask(from, to) {
        let result = 0;
        for (from += this.size, to += this.size; from < to; from >>= 1, to >>= 1) {
            stats.steps++;
            if (from & 1) result |= this.tree[from++];
            if (to & 1) result |= this.tree[--to];
        }
        return result;
    }
}

function unpack(flat, width, keep) {
    const count = flat.length / width, picked = [];
    for (let i = 0; i < count; i++) if (!keep || keep(flat, i * width)) picked.push(i * width);
    const ranges = new Ranges(picked.length);
    ranges.flat = flat;
    ranges.at = picked;
    picked.forEach((p, i) => {
        ranges.first[i] = flat[p];
        ranges.end[i] = flat[p] + flat[p + 1];
    });
    return ranges;
}

// ---- what is drawn -------------------------------------------------------

const host = unpack(dump.host, 5);       // gfn, pages, level, access, kind
host.build(i => 1 << (host.flat[host.at[i] + 3] === 7 ? AS_HOST : host.flat[host.at[i] + 3]));

// No default rights (-1), or all there are.
const asHost = view => view.access < 0 || view.access === 7;

/* Made when a view is first seen: most may never be. */
function prepare(view) {
    if (view.runs_ready) return view;
    view.runs_ready = true;
    // gfn, pages, access (-1: host's), sve, level, lost, target (-1: none), own
    view.all = unpack(view.runs, 8);
    view.rights = unpack(view.runs, 8, (f, p) => f[p + 2] >= 0);
    view.rights.build(i => 1 << view.rights.flat[view.rights.at[i] + 2]);
    view.remaps = unpack(view.runs, 8, (f, p) => f[p + 6] >= 0);
    view.privates = unpack(view.tables, 3, (f, p) => f[p + 2] === 0);
    return view;
}

let shown = dump.views;
const axis = dump.axis;                  // [gfn, pages, at, width, cut]
const state = { at: 0, perPixel: 1, top: 0, hover: null, mark: null };

// ---- across: gfns, places on the axis, pixels ----------------------------

function segmentAt(at) {
    let low = 0, high = axis.length - 1;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (axis[middle][2] <= at) low = middle; else high = middle - 1;
    }
    return axis[low];
}

function segmentOf(gfn) {
    let low = 0, high = axis.length - 1;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (axis[middle][0] <= gfn) low = middle; else high = middle - 1;
    }
    return axis[low];
}

function atToGfn(at) {
    const s = segmentAt(Math.max(0, at));
    return s[0] + Math.min(1, Math.max(0, (at - s[2]) / s[3])) * s[1];
}

function gfnToAt(gfn) {
    const s = segmentOf(gfn);
    return s[2] + Math.min(1, Math.max(0, (gfn - s[0]) / s[1])) * s[3];
}

const xOf = gfn => LABEL + (gfnToAt(gfn) - state.at) / state.perPixel;
const gfnAt = x => atToGfn(state.at + (x - LABEL) * state.perPixel);
const across = () => Math.max(50, canvas.clientWidth - LABEL - RIGHT);
const down = () => canvas.clientHeight - TOP;

function clamp() {
    const least = 1 / 64;                // at most 64 pixels a page
    state.perPixel = Math.min(Math.max(state.perPixel, least), dump.total / across());
    state.at = Math.min(Math.max(state.at, 0), Math.max(0, dump.total - across() * state.perPixel));
    state.top = Math.min(Math.max(state.top, 0), Math.max(0, shown.length * ROW - down() + 10));
}

function zoom(factor, x) {
    const fixed = state.at + (x - LABEL) * state.perPixel;
    state.perPixel *= factor;
    clamp();
    state.at = fixed - (x - LABEL) * state.perPixel;
    invalidate();
}

// ---- the pen, counted ----------------------------------------------------

function rect(x, y, width, height, colour) {
    stats.draws++;
    pen.fillStyle = colour;
    pen.fillRect(x, y, width, height);
}

function text(string, x, y, colour, align) {
    stats.draws++;
    pen.fillStyle = colour;
    pen.textAlign = align || "left";
    pen.fillText(string, x, y);
}

function stroke(colour, path, dash) {
    stats.draws++;
    pen.strokeStyle = colour;
    pen.setLineDash(dash || []);
    pen.beginPath();
    path();
    pen.stroke();
}

// ---- a row ---------------------------------------------------------------

/*
 * Calls emit(x0, x1, from, to) for pixels from x0 up to x1 that the ranges
 * [from, to) are in. A range that is wider than a pixel is told at once, what
 * lies within one pixel together. Takes some steps a pixel, at most.
 */
function sweep(ranges, emit) {
    const left = LABEL, right = LABEL + across();
    let x = left;
    while (x < right) {
        stats.steps++;
        const from = gfnAt(x), i = ranges.find(from);
        if (i === ranges.count) return;
        if (ranges.first[i] > from) {
            const start = Math.floor(xOf(ranges.first[i]));
            if (start >= right) return;
            if (start > x) { x = start; continue; }
        }
        const to = gfnAt(x + 1);
        if (ranges.end[i] >= to) {       // alone in this pixel, and goes on
            const end = Math.min(right, Math.max(x + 1, Math.floor(xOf(ranges.end[i]))));
            emit(x, end, i, i + 1);
            x = end;
            continue;
        }
        let last = ranges.find(to);
        if (last < ranges.count && ranges.first[last] < to) last++;
        emit(x, x + 1, i, Math.max(last, i + 1));
        x++;
    }
}

/* Neighbouring pixels with the same classes become one rectangle. */
function bars(ranges, y, drawn) {
    let x0 = -1, x1 = -1, mask = 0;
    const flush = () => {
        if (x0 < 0) return;
        const classes = [];
        for (let c = 0; c < 16; c++) if (mask & (1 << c)) classes.push(c);
        classes.forEach((c, n) =>
            // A single page must be seen; what follows it is drawn over this.
            rect(x0, y + BAR * n / classes.length, Math.max(3, x1 - x0), BAR / classes.length, dump.classes[c].rgb));
        if (drawn) drawn(x0, x1, classes);
    };
    sweep(ranges, (from, to, i, j) => {
        const now = ranges.mask(i, j);
        if (from === x1 && now === mask && to - from === 1) { x1 = to; return; }
        flush();
        x0 = from; x1 = to; mask = now;
    });
    flush();
}

/* Where the host has pages: the same for all rows of a frame. */
function hostSpans() {
    const spans = [];
    sweep(host, (x0, x1) => {
        const last = spans[spans.length - 1];
        if (last && last[1] >= x0) last[1] = x1; else spans.push([x0, x1]);
    });
    return spans;
}

function letters(y) {
    return (x0, x1, classes) => {
        if (x1 - x0 < 34 || classes.length > 1) return;
        text(ACCESS[classes[0]], (Math.max(x0, LABEL) + x1) / 2, y + 13, classes[0] === 7 ? "#fff" : "#222", "center");
    };
}

function arc(x0, x1, y, lost) {
    const foot = y + BAR, far = Math.abs(x1 - x0), deep = far < 2 * ARC_ROOM ? 6 + far / 4 : ARC_ROOM;
    const colour = lost ? "#d00" : "#111";
    stroke(colour, () => {
        pen.moveTo(x0, foot);
        pen.bezierCurveTo(x0, foot + deep * 1.25, x1, foot + deep * 1.25, x1, foot + 4);
    }, lost ? [3, 2] : null);
    stroke(colour, () => {
        if (lost) { pen.moveTo(x1 - 3, foot); pen.lineTo(x1 + 3, foot + 6); pen.moveTo(x1 + 3, foot); pen.lineTo(x1 - 3, foot + 6); }
        else { pen.moveTo(x1 - 4, foot + 6); pen.lineTo(x1, foot); pen.lineTo(x1 + 4, foot + 6); pen.fillStyle = colour; pen.fill(); }
    });
    rect(x0 - 2, foot - 1, 4, 4, colour);
}

/* At most one for each pixel, and ARCS in all; the rest is counted. */
function arcs(view, y) {
    const right = LABEL + across();
    let drawn = 0, more = 0;
    sweep(view.remaps, (x0, x1, i, j) => {
        const p = view.remaps.at[i], f = view.remaps.flat;
        if (drawn < ARCS) {
            const x = Math.min(Math.max(xOf(f[p]), LABEL), right), target = xOf(f[p + 6]);
            arc(x + 0.5, Math.min(Math.max(target, LABEL), right) + 0.5, y, f[p + 5]);
            drawn++;
            more += j - i - 1;
        } else {
            more += j - i;
        }
    });
    if (!more) return;
    rect(right - 66, y + BAR + 2, 66, ARC_ROOM, "#ffffffd0");
    text(`+${more} more`, right - 4, y + BAR + 13, "#222", "right");
}

function drawRow(view, y, spans) {
    prepare(view);
    stats.rows++;
    const base = asHost(view) ? AS_HOST : view.access;
    for (const [x0, x1] of spans) rect(x0, y, x1 - x0, BAR, dump.classes[base].rgb);
    bars(view.rights, y, letters(y));
    let x0 = -1, x1 = -1;
    sweep(view.privates, (from, to) => {
        if (from === x1) { x1 = to; return; }
        if (x0 >= 0) rect(x0, y + BAR - STRIPE, x1 - x0, STRIPE, "#333");
        x0 = from; x1 = to;
    });
    if (x0 >= 0) rect(x0, y + BAR - STRIPE, x1 - x0, STRIPE, "#333");
    arcs(view, y);

    rect(0, y - 2, LABEL - 4, ROW, "#fff");
    text(`${view.view}${view.name ? " " + view.name : ""}`, 16, y + 13, "#222");
    const more = [view.role && `[${view.role}]`, view.vcpus.length && `vCPU ${view.vcpus.join(",")}`,
                  view.hidden && "hidden"].filter(Boolean).join(" ");
    if (more) text(more.length > 22 ? more.slice(0, 21) + "…" : more, 16, y + 27, "#666");
}

// ---- what stands above the rows ------------------------------------------

const hex = n => "0x" + Math.floor(n).toString(16);

function size(pages) {
    let n = pages * 4, unit = 0;
    while (n >= 1024 && unit < 4) { n /= 1024; unit++; }
    return `${n >= 100 || Number.isInteger(n) ? Math.round(n) : n.toFixed(1)} ${"KMGTP"[unit]}iB`;
}

/* Round gfns, and where something begins behind a cut. */
function ruler() {
    const right = LABEL + across();
    let step = 1, last = -Infinity;
    while (step < 80 * state.perPixel) step *= 2;
    const tick = gfn => {
        stats.steps++;
        const x = xOf(gfn);
        if (x < LABEL || x > right - 60 || x - last < 80) return;
        text(hex(gfn), x + 4, 27, "#444");
        stroke("#888", () => { pen.moveTo(x + 0.5, 18); pen.lineTo(x + 0.5, 32); });
        last = x;
    };
    for (const [gfn, pages, at, width, cut] of axis) {
        if (cut || at + width < state.at || at > state.at + across() * state.perPixel) continue;
        const first = Math.max(gfn, gfnAt(LABEL)), end = Math.min(gfn + pages, gfnAt(right));
        if (first === gfn) tick(gfn);
        for (let g = Math.ceil(first / step) * step; g < end; g += step) tick(g);
    }
}

/* The gfn that "go to" went to last. */
function marker() {
    if (state.mark === null) return;
    const x = Math.round(xOf(state.mark)) + 0.5;
    if (x < LABEL || x > LABEL + across()) return;
    stroke("#c00", () => { pen.moveTo(x, 18); pen.lineTo(x, canvas.clientHeight); });
    text(hex(state.mark), x + 4, canvas.clientHeight - 6, "#c00");
}

/* Lines where entries begin, if they are far enough apart to be seen. */
function edges(x0, x1, i, y) {
    const p = host.at[i], step = 512 ** host.flat[p + 2];
    if (!host.flat[p + 2] || step / state.perPixel < 4) return;
    const first = host.flat[p] + Math.max(0, Math.floor((gfnAt(x0) - host.flat[p]) / step)) * step;
    stroke("#8a8a8a", () => {
        for (let gfn = first, x; (x = xOf(gfn)) < x1; gfn += step) {
            stats.steps++;
            if (x >= x0) { pen.moveTo(Math.round(x) + 0.5, y); pen.lineTo(Math.round(x) + 0.5, y + BAR); }
        }
    });
}

function hostRow() {
    const y = 36;
    bars(host, y);
    sweep(host, (x0, x1, i, j) => {
        if (j - i > 1 || x1 - x0 < 2) return;
        edges(x0, x1, i, y);
        if (x1 - x0 > 50) text(LEVELS[host.flat[host.at[i] + 2]], (x0 + x1) / 2, y + 13, "#444", "center");
    });
    for (const s of axis) {
        const x = LABEL + (s[2] - state.at) / state.perPixel, width = s[3] / state.perPixel;
        if (s[4] && x + width > LABEL && x < LABEL + across())
            stroke("#999", () => { pen.moveTo(x + width / 2, 20); pen.lineTo(x + width / 2, canvas.clientHeight); }, [2, 3]);
    }
    text("host", 16, y + 13, "#222");
    text("size of entries", 48, y + 13, "#666");
}

/* All of the axis, and what of it is shown. */
function overview() {
    const width = across(), scale = width / dump.total;
    rect(LABEL, 4, width, 8, "#eee");
    rect(LABEL + state.at * scale, 4, Math.max(3, width * state.perPixel * scale), 8, "#7a8ca0");
    const height = down(), all = shown.length * ROW;
    if (all > height) {
        const x = canvas.clientWidth - 12;
        rect(x, TOP, 8, height, "#eee");
        rect(x, TOP + height * state.top / all, 8, Math.max(8, height * height / all), "#7a8ca0");
    }
}

function frame() {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
    }
    clamp();
    stats.frames++;
    stats.draws = stats.steps = stats.rows = 0;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = "12px system-ui, sans-serif";
    pen.clearRect(0, 0, width, height);
    pen.save();
    pen.beginPath();
    pen.rect(0, TOP, width, height - TOP);
    pen.clip();
    const spans = hostSpans(), first = Math.floor(state.top / ROW);
    for (let i = first; i < shown.length; i++) {
        const y = TOP + 6 + i * ROW - state.top;
        if (y > height) break;
        drawRow(shown[i], y, spans);
    }
    pen.restore();
    ruler();
    hostRow();
    overview();
    marker();
    hover();
}

let due = false;
function invalidate() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; frame(); });
}

// ---- hover ---------------------------------------------------------------

const name = c => dump.classes[c].text;

function describeRange(ranges, i, gfn) {
    const f = ranges.flat, p = ranges.at[i], lines = [];
    lines.push(`gfns ${hex(f[p])} to ${hex(f[p] + f[p + 1] - 1)}, ${size(f[p + 1])}`);
    if (f[p + 2] >= 0) lines.push(`rights set here: ${name(f[p + 2])}`);
    if (f[p + 6] >= 0)
        lines.push(`remapped: ${hex(gfn)} shows the page of ${hex(f[p + 6] + Math.floor(gfn) - f[p])}` +
                   (f[p + 5] ? ", which has none now" : ""));
    if (f[p + 7]) lines.push(f[p + 5] ? "bytes of its own, to be refreshed" : "bytes of its own");
    if (f[p + 3] >= 0) lines.push(`#VE ${f[p + 3] ? "suppressed" : "not suppressed"} here`);
    lines.push(`entries of ${LEVELS[f[p + 4]]}`);
    return lines;
}

function describeHost(from, to) {
    const i = host.find(from);
    if (i === host.count || host.first[i] >= to)
        return dump.host.length ? ["the host has no page here"] : [];
    const p = host.at[i], f = host.flat;
    return [`host: ${KINDS[f[p + 4]]}, ${ACCESS[f[p + 3]]}, entries of ${LEVELS[f[p + 2]]}`];
}

/* What is under a place: the lines of the tip. */
function describe(x, y) {
    if (x < LABEL || x >= LABEL + across()) return null;
    const from = Math.floor(gfnAt(x)), to = Math.max(gfnAt(x + 1), from + 1);
    if (y >= 36 && y < 36 + BAR) return ["host", `gfn ${hex(from)}`, ...describeHost(from, to)];
    const row = Math.floor((y - TOP - 6 + state.top) / ROW);
    if (y < TOP || row < 0 || row >= shown.length) return null;
    const view = prepare(shown[row]), all = view.all;
    const lines = [`view ${view.view}${view.name ? " " + view.name : ""}${view.role ? ` [${view.role}]` : ""}`];
    const i = all.find(from);
    let j = all.find(to);
    if (j < all.count && all.first[j] < to) j++;
    if (j - i > 1) {
        const mask = view.rights.count ? view.rights.mask(view.rights.find(from),
            Math.min(view.rights.count, view.rights.find(to) + 1)) : 0;
        const classes = dump.classes.map((c, n) => mask & (1 << n) ? c.text.split(" ")[0] : "").filter(Boolean);
        lines.push(`${j - i} ranges in gfns ${hex(from)} to ${hex(to - 1)}: zoom in`, classes.join(", "));
    } else if (i < all.count && all.first[i] < to) {
        lines.push(...describeRange(all, i, Math.max(from, all.first[i])));
    } else {
        lines.push(`gfn ${hex(from)}`, asHost(view) ? "as the host" : `default rights: ${ACCESS[view.access]}`);
    }
    const t = view.privates.find(from);
    lines.push(t < view.privates.count && view.privates.first[t] < to ? "by private tables" : "by the host's tables");
    return lines.concat(describeHost(from, to));
}

function hover() {
    const lines = state.hover && describe(...state.hover);
    tip.style.display = lines ? "block" : "none";
    if (!lines) return;
    tip.textContent = "";
    tip.append(Object.assign(document.createElement("b"), { textContent: lines[0] }), "\n" + lines.slice(1).join("\n"));
    const [x, y] = state.hover, box = tip.getBoundingClientRect();
    tip.style.left = Math.min(x + 14, canvas.clientWidth - box.width - 4) + "px";
    tip.style.top = (y + 18 + box.height > canvas.clientHeight ? y - box.height - 8 : y + 18) + "px";
}

// ---- hands ---------------------------------------------------------------

let drag = null;
canvas.addEventListener("pointerdown", e => {
    canvas.setPointerCapture(e.pointerId);
    drag = { x: e.offsetX, y: e.offsetY, at: state.at, top: state.top,
             bar: e.offsetX > canvas.clientWidth - 16, strip: e.offsetY < 16 && e.offsetX >= LABEL };
});
canvas.addEventListener("pointermove", e => {
    state.hover = [e.offsetX, e.offsetY];
    if (drag) {
        if (drag.bar) state.top = drag.top + (e.offsetY - drag.y) * shown.length * ROW / down();
        else if (drag.strip) state.at = drag.at + (e.offsetX - drag.x) * dump.total / across();
        else {
            state.at = drag.at - (e.offsetX - drag.x) * state.perPixel;
            state.top = drag.top - (e.offsetY - drag.y);
        }
    }
    invalidate();
});
canvas.addEventListener("pointerup", () => { drag = null; });
canvas.addEventListener("pointerleave", () => { state.hover = null; invalidate(); });
canvas.addEventListener("dblclick", e => zoom(1 / 4, e.offsetX));
canvas.addEventListener("wheel", e => {
    e.preventDefault();
    if (e.offsetX < LABEL || e.offsetX > canvas.clientWidth - 16) state.top += e.deltaY;
    else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY))
        state.at += (e.deltaX || e.deltaY) * state.perPixel;
    else zoom(Math.exp(e.deltaY / 300), e.offsetX);
    invalidate();
}, { passive: false });

const middle = () => LABEL + across() / 2;
const KEYS = {
    ArrowLeft: () => { state.at -= across() * state.perPixel / 8; },
    ArrowRight: () => { state.at += across() * state.perPixel / 8; },
    ArrowUp: () => { state.top -= ROW; },
    ArrowDown: () => { state.top += ROW; },
    PageUp: () => { state.top -= down(); },
    PageDown: () => { state.top += down(); },
    "+": () => zoom(1 / 2, middle()),
    "=": () => zoom(1 / 2, middle()),
    "-": () => zoom(2, middle()),
    0: () => { state.perPixel = Infinity; },
};
canvas.addEventListener("keydown", e => {
    if (!KEYS[e.key] || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    KEYS[e.key]();
    invalidate();
});
document.getElementById("in").onclick = () => zoom(1 / 2, middle());
document.getElementById("out").onclick = () => zoom(2, middle());
document.getElementById("all").onclick = () => { state.perPixel = Infinity; invalidate(); };
document.getElementById("goto").addEventListener("change", e => {
    const gfn = Number(e.target.value.trim());
    const good = Number.isInteger(gfn) && gfn >= 0 && gfn <= dump.last;
    e.target.setCustomValidity(good ? "" : "no gfn of this domain");
    e.target.reportValidity();
    if (!good) return;
    state.mark = gfn;
    state.perPixel = 1 / 16;
    clamp();
    state.at = gfnToAt(gfn) - across() * state.perPixel / 2;
    invalidate();
});
document.getElementById("differing").addEventListener("change", e => {
    shown = e.target.checked ? dump.views.filter(v => v.runs.length || !asHost(v)) : dump.views;
    state.top = 0;
    invalidate();
});
new ResizeObserver(invalidate).observe(canvas);

// ---- words ---------------------------------------------------------------

document.title = `Memory views of domain ${dump.domain} ${dump.name || ""}`;
document.getElementById("title").textContent = `domain ${dump.domain} ${dump.name || ""}`;
document.getElementById("about").textContent =
    `${dump.views.length} view${dump.views.length === 1 ? "" : "s"}, gfns 0x0 to ${hex(dump.last)}`;
canvas.setAttribute("aria-label", `${document.title}: one row a view, gfns across, colours for rights`);

function legend(style, words) {
    const span = document.createElement("span"), mark = document.createElement("i");
    mark.style.cssText = style;
    span.append(mark, words);
    document.getElementById("legend").append(span);
}

const used = new Set([AS_HOST]);
for (const v of dump.views) {
    if (!asHost(v)) used.add(v.access);
    for (let p = 2; p < v.runs.length; p += 8) if (v.runs[p] >= 0) used.add(v.runs[p]);
}
[...used].sort((a, b) => a - b).forEach(c => legend(`background:${dump.classes[c].rgb}`, name(c)));
legend(`background:${dump.classes[AS_HOST].rgb};border-bottom:4px solid #333;height:10px`, "private page tables");
legend("border:1.5px solid #111;border-top:0;border-radius:0 0 11px 11px;height:8px;width:18px", "remapped: leads to the page shown");
legend("background:repeating-linear-gradient(90deg,#8a8a8a 0 1px,#dcdcdc 1px 7px)", "edges of superpages");
const help = document.createElement("span");
help.id = "help";
help.textContent = "wheel or + − zooms, dragging or arrows move, 0 shows all; over the labels the wheel scrolls";
document.getElementById("legend").append(help);

state.perPixel = Infinity;
window.altp2mMap = { stats, state, dump, xOf, gfnAt, describe, frame, rows: () => shown.length, ROW, TOP, LABEL };
frame();
})();
