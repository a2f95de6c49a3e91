"use strict";
const D = JSON.parse(document.getElementById("data").textContent),
  S = D.summary;
const C = Object.fromEntries(
  Object.entries(D.columns).map(([k, v]) => [k, v.words ? v.codes.map((i) => v.words[i]) : v]),
);
const N = (C.path || []).length,
  all = [...Array(N).keys()],
  P = D.parameters,
  par = (p) => C[D.prefix + p];
const num = (v) =>
  v == null
    ? "–"
    : typeof v === "number"
      ? Number.isInteger(v)
        ? v.toLocaleString("en")
        : +v.toPrecision(5) + ""
      : String(v);
const brief = (v) =>
  typeof v !== "number"
    ? num(v)
    : Math.abs(v) >= 1000 || v === 0
      ? num(Math.round(v))
      : Math.abs(v) < 0.001
        ? v.toExponential(1).replace(".0e", "e")
        : +v.toPrecision(3) + "";
const clock = (s) =>
  s < 180 ? [1, "seconds"] : s < 10800 ? [60, "minutes"] : s < 259200 ? [3600, "hours"] : [86400, "days"];
const span = (s) =>
  s < 90
    ? `${Math.round(s)} s`
    : s < 5400
      ? `${(s / 60).toFixed(0)} min`
      : s < 172800
        ? `${(s / 3600).toFixed(1)} h`
        : `${(s / 86400).toFixed(1)} d`;
const el = (tag, attrs = {}, ...kids) => {
  const e = document.createElement(tag);
  for (const k in attrs) e.setAttribute(k, attrs[k]);
  e.append(...kids);
  return e;
};
const sv = (tag, attrs = {}, text) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const k in attrs) e.setAttribute(k, attrs[k]);
  if (text != null) e.textContent = text;
  return e;
};
const budgets = [...new Set(C.budget)].sort((a, b) => a - b);
const mix = (t) => `color-mix(in oklab, var(--hi) ${Math.round(t * 100)}%, var(--lo))`;
const tone = (b) => mix(budgets.length < 2 ? 0.7 : budgets.indexOf(b) / (budgets.length - 1));
const main = document.querySelector("main"),
  nav = document.querySelector("nav"),
  tip = document.getElementById("tip");
function section(id, title, lead) {
  const s = el("section", { id }, el("h2", {}, title));
  if (lead) s.append(el("p", { class: "lead" }, lead));
  main.append(s);
  nav.append(el("a", { href: "#" + id }, title));
  return s;
}
const key = (items) => {
  const k = el("div", { class: "key" });
  for (const [c, t] of items) {
    const i = el("i");
    i.style.background = c;
    k.append(el("span", {}, i, t));
  }
  return k;
};
/* A frame with axes; scales are functions. Points of one kind are one path, so that ten thousand stay quick. */
function ticks(a, b, n = 5) {
  if (!(b > a)) return [a];
  const step = 10 ** Math.floor(Math.log10((b - a) / n)),
    f = (b - a) / n / step,
    w = step * (f < 1.5 ? 1 : f < 3.5 ? 2 : f < 7.5 ? 5 : 10),
    out = [];
  for (let v = Math.ceil(a / w - 1e-9) * w; v <= b + w * 1e-9; v += w)
    out.push(Math.abs(v) < w * 1e-9 ? 0 : +v.toPrecision(12));
  return out;
}
const extent = (v) => {
  let lo = Infinity,
    hi = -Infinity;
  for (const x of v) {
    if (x < lo) lo = x;
    if (x > hi) hi = x;
  }
  return lo > hi
    ? [0, 1]
    : lo === hi
      ? [lo - (Math.abs(lo) || 1) * 0.05, hi + (Math.abs(hi) || 1) * 0.05]
      : [lo, hi];
};
function robust(v) {
  const s = [...v].sort((a, b) => a - b),
    [lo, hi] = extent(s);
  if (s.length < 8) return [lo, hi];
  const q = (f) => s[Math.floor((s.length - 1) * f)],
    w = (q(0.75) - q(0.25)) * 4 || hi - lo;
  return [Math.max(lo, q(0.25) - w), Math.min(hi, q(0.75) + w)];
}
function frame(where, label, { w = 1040, h = 300, l = 64, r = 16, t = 12, b = 42 } = {}) {
  const s = sv("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": label });
  where.append(s);
  const spots = [];
  const f = {
    s,
    w,
    h,
    l,
    r,
    t,
    b,
    spots,
    lin: (d, a, z) => (v) => a + ((Math.min(Math.max(v, d[0]), d[1]) - d[0]) / (d[1] - d[0])) * (z - a),
    text: (x, y, text, o = {}) => s.append(sv("text", { x, y, ...o }, text)),
    y(d, name) {
      const g = f.lin(d, h - b, t);
      for (const v of ticks(...d)) {
        s.append(sv("line", { x1: l, x2: w - r, y1: g(v), y2: g(v), class: "gridline" }));
        f.text(l - 8, g(v) + 4, num(v), { "text-anchor": "end" });
      }
      if (name) f.text(l - 50, t - 2, name, { "text-anchor": "start" });
      return g;
    },
    x(d, name, show = num) {
      const g = f.lin(d, l, w - r);
      const tk = ticks(d[0], d[1], Math.max(2, w / 150));
      for (const v of tk) f.text(g(v), h - b + 18, show(v), { "text-anchor": "middle" });
      f.under(name);
      return g;
    },
    under(name) {
      s.append(sv("line", { x1: l, x2: w - r, y1: h - b, y2: h - b, class: "axis" }));
      if (name) f.text((l + w - r) / 2, h - 4, name, { "text-anchor": "middle" });
    },
    path(d, stroke, o = {}) {
      if (d.length)
        s.append(
          sv("path", {
            d: d.join(""),
            fill: "none",
            stroke,
            class: "mark",
            "stroke-linecap": "round",
            "stroke-linejoin": "round",
            ...o,
          }),
        );
    },
    dot(x, y, text) {
      if (text) spots.push([x, y, text]);
      return `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
    },
  };
  s.addEventListener("pointermove", (e) => {
    const q = s.getBoundingClientRect(),
      k = w / q.width,
      x = (e.clientX - q.left) * k,
      y = (e.clientY - q.top) * k;
    let best = null,
      m = 196;
    for (const p of spots) {
      const d = (p[0] - x) ** 2 + (p[1] - y) ** 2;
      if (d < m) {
        m = d;
        best = p;
      }
    }
    tip.hidden = !best;
    if (best) {
      tip.textContent = typeof best[2] === "number" ? about(best[2]) : best[2];
      tip.style.left = Math.min(e.clientX + 14, innerWidth - 350) + "px";
      tip.style.top = e.clientY + 14 + "px";
    }
  });
  s.addEventListener("pointerleave", () => (tip.hidden = true));
  return f;
}
const about = (i) =>
  `${C.path[i]}\n${C.status[i]}${C.result[i] != null ? ": " + num(C.result[i]) : ""} at budget ${num(C.budget[i])}\n` +
  P.filter((p) => par(p)[i] != null)
    .slice(0, 8)
    .map((p) => `${p} = ${num(par(p)[i])}`)
    .join("\n");
const cut = (t, n) => (t.length > n ? t.slice(0, n - 1) + "…" : t);

document.title = `${S.name} – Hyperband search`;
document.getElementById("name").textContent = S.name;
document.getElementById("state").textContent =
  `${S.complete ? "Complete" : "Not complete"} – ${num(S.done)} of ${num(S.trainings)} trainings done – as of ${S.written}`;
{
  const s = section("summary", "Summary"),
    t = el("div", { class: "tiles" }),
    tile = (v, n) => t.append(el("div", { class: "tile" }, el("b", {}, v), el("span", {}, n)));
  if (S.best) tile(num(S.best.result), `best result, at budget ${num(S.best.budget)}`);
  else tile("none yet", "best result");
  tile(`${num(S.done)} / ${num(S.trainings)}`, "trainings done");
  tile(`${num(S.budget_spent)} / ${num(S.budget)}`, "budget spent / planned");
  tile(`${num(S.cost_spent)} / ${num(S.cost)}`, "cost spent / planned");
  tile(span(S.seconds), "in trainings, all attempts");
  tile(num(S.counts.failed), "failed");
  s.append(t);
  const colours = {
      completed: "var(--on)",
      failed: "var(--bad)",
      running: "var(--accent)",
      queued: "var(--lo)",
      pending: "var(--wait)",
      empty: "var(--grid)",
    },
    bar = el("div", { class: "bar" });
  for (const k in colours)
    if (S.counts[k]) {
      const i = el("i", { class: "mark" });
      i.style.cssText = `background:${colours[k]};width:${(S.counts[k] / S.trainings) * 100}%`;
      bar.append(i);
    }
  s.append(
    bar,
    key(
      Object.keys(colours)
        .filter((k) => S.counts[k])
        .map((k) => [colours[k], `${num(S.counts[k])} ${k}`]),
    ),
  );
  if (S.best)
    s.append(
      el("h3", {}, "Best configuration"),
      el("p", { class: "lead" }, S.best.path),
      el("pre", {}, S.best_config || ""),
    );
  s.append(
    el(
      "p",
      { class: "lead" },
      `Found by ${S.brackets.length} brackets of Hyperband; smax ${S.smax}, one in ${S.eta} promoted. Results of different budgets are never compared: the best is that of the largest budget reached.`,
    ),
  );
}

{
  const s = section(
    "ladder",
    "Brackets",
    "Each column is a stage, each mark a configuration, the best on top. Lines lead from a configuration to its place one stage up. Below: budget, and in brackets how many configurations.",
  );
  const g = el("div", { class: "grid" });
  s.append(g);
  for (const B of S.brackets) {
    const rows = all.filter((i) => C.bracket[i] === B.bracket),
      box = el("div");
    g.append(box);
    box.append(el("h3", {}, `Bracket ${B.bracket}`));
    const f = frame(box, `Ladder of bracket ${B.bracket}`, { w: 480, h: 270, l: 24, r: 24, t: 8 }),
      size = {},
      at = {};
    rows.forEach((i) => (size[C.stage[i]] = (size[C.stage[i]] || 0) + 1));
    const x = (k) => (B.stages < 2 ? 240 : 40 + (k * 400) / (B.stages - 1)),
      y = (p, n) => 12 + (n < 2 ? 20 : ((p - 1) * 200) / (n - 1)),
      last = {},
      groups = { up: [], stay: [], failed: [], wait: [] };
    const order = [...rows].sort(
      (a, b) =>
        C.stage[a] - C.stage[b] ||
        (C.rank[a] ?? 1e9) - (C.rank[b] ?? 1e9) ||
        (C.status[a] === "failed" ? 1 : 0) - (C.status[b] === "failed" ? 1 : 0) ||
        a - b,
    );
    for (const i of order) {
      const k = C.stage[i],
        p = (last[k] = (last[k] || 0) + 1),
        X = x(k),
        Y = y(p, size[k]);
      at[C.path[i]] = [X, Y];
      groups[
        C.promoted_to[i] || (k === B.stages - 1 && C.rank[i] === 1)
          ? "up"
          : C.status[i] === "failed"
            ? "failed"
            : C.rank[i]
              ? "stay"
              : "wait"
      ].push(f.dot(X, Y, i));
    }
    const most = Math.max(...Object.values(size)),
      width = Math.max(2, Math.min(8, 260 / most)),
      lines = order
        .filter((i) => C.origin[i] && at[C.origin[i]])
        .map((i) => {
          const [a, b] = at[C.origin[i]],
            [c, d] = at[C.path[i]],
            m = (a + c) / 2;
          return `M${a} ${b.toFixed(1)}C${m} ${b.toFixed(1)} ${m} ${d.toFixed(1)} ${c} ${d.toFixed(1)}`;
        });
    f.path(lines, "var(--accent)", { "stroke-width": most > 300 ? 0.4 : 1.2, opacity: 0.6 });
    f.path(groups.stay, "var(--on)", { "stroke-width": width, opacity: 0.75 });
    f.path(groups.wait, "var(--wait)", { "stroke-width": width });
    f.path(groups.failed, "var(--bad)", { "stroke-width": width });
    f.path(groups.up, "var(--accent)", { "stroke-width": width });
    for (const k in size) {
      f.text(x(+k), 240, num(C.budget[rows.find((i) => C.stage[i] === +k)]), { "text-anchor": "middle" });
      f.text(x(+k), 256, `(${num(size[k])})`, { "text-anchor": "middle" });
    }
  }
  s.append(
    key([
      ["var(--accent)", "promoted, and the winner"],
      ["var(--on)", "completed"],
      ["var(--bad)", "failed"],
      ["var(--wait)", "waiting, running or empty"],
    ]),
  );
}

if (D.best_over_time.length) {
  const s = section(
    "progress",
    "Best so far",
    "One line for each budget, since results of different budgets are not comparable.",
  );
  const last = D.best_over_time.at(-1),
    pts = D.best_over_time.flatMap((q) => q.points),
    dy = robust(pts.map((p) => p[2]));
  for (const [j, name, show] of [
    [0, "Budget spent by the whole search"],
    [1, "Time since the start"],
  ]) {
    const f = frame(s, "Best so far against " + name, { h: 260 }),
      end = Math.max(...pts.map((p) => p[j]), 1e-9),
      y = f.y(dy, "result"),
      [k, unit] = j ? clock(end) : [1, ""],
      scaled = f.x([0, end / k], name + (j ? ` in ${unit}` : "")),
      x = (v) => scaled(v / k);
    for (const q of D.best_over_time) {
      const d = [];
      q.points.forEach((p, i) =>
        d.push(
          i ? `H${x(p[j]).toFixed(1)}V${y(p[2]).toFixed(1)}` : `M${x(p[j]).toFixed(1)} ${y(p[2]).toFixed(1)}`,
        ),
      );
      d.push(`H${x(end).toFixed(1)}`);
      const c = q === last ? "var(--accent)" : tone(q.budget);
      f.path(d, c, { "stroke-width": q === last ? 2.5 : 1.8 });
      f.path(
        q.points.map((p) => f.dot(x(p[j]), y(p[2]), `${p[3]}\n${num(p[2])} at budget ${num(q.budget)}`)),
        c,
        { "stroke-width": 6 },
      );
    }
  }
  s.append(
    key(
      D.best_over_time.map((q) => [q === last ? "var(--accent)" : tone(q.budget), `budget ${num(q.budget)}`]),
    ),
  );
}

{
  const lives = {};
  for (const i of all) if (C.result[i] != null && C.root[i]) (lives[C.root[i]] ??= []).push(i);
  const runs = Object.values(lives).filter((l) => l.length > 1);
  if (runs.length) {
    const s = section(
        "curves",
        "Learning curves over the stages",
        "Configurations that were promoted at least once, one line each; those that reached the last stage of their bracket in front.",
      ),
      f = frame(s, "Learning curves", { h: 320 });
    const d = robust(runs.flat().map((i) => C.result[i])),
      y = f.y(d, "result"),
      x = (b) => f.l + 30 + (budgets.indexOf(b) * (f.w - f.l - f.r - 60)) / Math.max(1, budgets.length - 1),
      deep = Object.fromEntries(S.brackets.map((b) => [b.bracket, b.stages - 1])),
      back = [],
      front = [];
    budgets.forEach((b) => f.text(x(b), f.h - f.b + 18, num(b), { "text-anchor": "middle" }));
    f.under("Budget of a training");
    for (const l of runs) {
      const p = l
          .map((i, k) => `${k ? "L" : "M"}${x(C.budget[i]).toFixed(1)} ${y(C.result[i]).toFixed(1)}`)
          .join(""),
        end = l.at(-1);
      (C.stage[end] === deep[C.bracket[end]] ? front : back).push(p);
      l.forEach((i) => f.dot(x(C.budget[i]), y(C.result[i]), i));
    }
    f.path(back, "var(--on)", {
      "stroke-width": runs.length > 300 ? 0.5 : 1,
      opacity: runs.length > 300 ? 0.3 : 0.45,
    });
    f.path(front, "var(--accent)", { "stroke-width": 2.2 });
    s.append(
      key([
        ["var(--accent)", "reached the last stage"],
        ["var(--on)", "promoted at least once"],
      ]),
    );
  }
}

if (D.words.length) {
  const s = section("proxy", "Is a small budget a good proxy?"),
    ul = el("ul");
  D.words.forEach((w) => ul.append(el("li", {}, w)));
  s.append(ul);
  if (D.correlations.length) {
    const h = 26,
      f = frame(s, "Rank correlation of pairs of stages", {
        h: D.correlations.length * h + 50,
        l: 250,
        t: 8,
      }),
      x = f.x([-1, 1], "Spearman’s rank correlation");
    f.s.append(sv("line", { x1: x(0), x2: x(0), y1: 4, y2: f.h - f.b, class: "axis" }));
    D.correlations.forEach((c, i) => {
      const Y = 18 + i * h;
      f.text(
        f.l - 10,
        Y + 4,
        `bracket ${c.bracket}: budget ${num(c.low)} → ${num(c.high)} (n = ${num(c.n)})`,
        { "text-anchor": "end" },
      );
      if (c.rho != null) {
        f.path([`M${x(0)} ${Y}H${x(c.rho).toFixed(1)}`], c.rho < 0 ? "var(--bad)" : "var(--on)", {
          "stroke-width": 12,
          "stroke-linecap": "butt",
        });
        f.text(x(c.rho) + (c.rho < 0 ? -6 : 6), Y + 4, c.rho.toFixed(2), {
          class: "name",
          "text-anchor": c.rho < 0 ? "end" : "start",
        });
      }
    });
  }
}

const known = P.filter((p) => new Set(par(p)).size > 1),
  ranked = [
    ...D.importance.map((d) => d[0]),
    ...known.filter((p) => !D.importance.some((d) => d[0] === p)),
  ].filter((p) => known.includes(p));
const isNum = (p) => par(p).every((v) => v == null || typeof v === "number");
function scale(p, ids, a, z) {
  const v = ids.map((i) => par(p)[i]).filter((v) => v != null),
    u = [...new Set(v)];
  if (isNum(p) && u.length > 8) {
    const [lo, hi] = extent(u),
      mid = [...v].sort((q, w) => q - w)[v.length >> 1],
      log = lo > 0 && hi / lo >= 50 && mid < lo + (hi - lo) / 4,
      g = log ? Math.log : (q) => q;
    return {
      at: (q) => a + ((g(q) - g(lo)) / (g(hi) - g(lo))) * (z - a),
      ticks: log ? [lo, Math.sqrt(lo * hi), hi] : [lo, (lo + hi) / 2, hi],
      show: brief,
    };
  }
  u.sort(isNum(p) ? (q, w) => q - w : undefined);
  const w = (z - a) / Math.max(1, u.length);
  return {
    at: (q) => a + (u.indexOf(q) + 0.5) * w,
    width: w * 0.6,
    ticks: u.length > 12 ? [] : u,
    show: (t) => cut(brief(t), 12),
  };
}
if (ranked.length && C.result.some((v) => v != null)) {
  const s = section("parameters", "Parameters");
  if (D.importance.length) {
    s.append(
      el("h3", {}, "Importance"),
      el(
        "p",
        { class: "lead" },
        "Share of the variance of places in the first stages that each parameter explains by itself (ε² on ranks; 0 is none). It sees no joint effects.",
      ),
    );
    const top = D.importance.slice(0, 20),
      f = frame(s, "Parameter importance", { h: top.length * 26 + 50, l: 250, t: 8 }),
      x = f.x([0, Math.max(0.1, ...top.map((d) => d[1])) * 1.08], "");
    top.forEach(([n, v], i) => {
      const Y = 18 + i * 26;
      f.text(f.l - 10, Y + 4, cut(n, 34), { class: "name", "text-anchor": "end" });
      f.path([`M${f.l} ${Y}H${x(v).toFixed(1)}`], "var(--on)", {
        "stroke-width": 12,
        "stroke-linecap": "butt",
      });
      f.text(x(v) + 6, Y + 4, v.toFixed(2));
    });
  }
  const full = budgets
      .map((b) => [b, all.filter((i) => C.budget[i] === b && C.result[i] != null)])
      .filter((q) => q[1].length),
    pick = el("select", { "aria-label": "Budget" }),
    here = el("div");
  full.forEach(([b, l]) =>
    pick.append(el("option", { value: b }, `budget ${num(b)} (${num(l.length)} results)`)),
  );
  pick.value = full.reduce((a, q) => (q[1].length > a[1].length ? q : a))[0];
  s.append(
    el("h3", {}, "Slices and parallel coordinates"),
    el(
      "p",
      { class: "lead" },
      "Results of one budget, since others are not comparable. Far outliers lie at the edge. A conditional parameter is shown where it is present.",
    ),
    pick,
    here,
  );
  const draw = () => {
    here.replaceChildren();
    const ids = full.find((q) => q[0] == pick.value)[1],
      dy = robust(ids.map((i) => C.result[i])),
      g = el("div", { class: "grid" });
    here.append(g);
    for (const p of ranked.slice(0, 12)) {
      const f = frame(g, "Slice of " + p, { w: 330, h: 220, l: 56, b: 48, t: 14 }),
        y = f.y(dy),
        c = scale(p, ids, 70, 310),
        up = [],
        stay = [];
      for (const i of ids) {
        const v = par(p)[i];
        if (v != null)
          (C.promoted_to[i] ? up : stay).push(
            f.dot(c.at(v) + (c.width || 0) * (((i * 0.618) % 1) - 0.5), y(C.result[i]), i),
          );
      }
      const w = ids.length > 1000 ? 2.5 : ids.length > 200 ? 3.5 : 5;
      f.path(stay, "var(--on)", { "stroke-width": w, opacity: 0.6 });
      f.path(up, "var(--accent)", { "stroke-width": w + 0.5 });
      f.under("");
      c.ticks.forEach((t) => f.text(c.at(t), f.h - f.b + 16, c.show(t), { "text-anchor": "middle" }));
      f.text(183, f.h - 6, cut(p, 40), { class: "name", "text-anchor": "middle" });
    }
    const axes = ranked.slice(0, 9),
      f = frame(here, "Parallel coordinates", { h: 360, t: 40, b: 20 }),
      step = (f.w - 140) / axes.length,
      sc = axes.map((p) => scale(p, ids, f.h - 24, 44)),
      y = f.lin(dy, f.h - 24, 44),
      bins = [[], [], [], [], []],
      order = [...ids].sort((a, b) => C.rank[b] - C.rank[a]);
    const size = {};
    ids.forEach((i) => {
      const k = C.bracket[i] + "/" + C.stage[i];
      size[k] = Math.max(size[k] || 1, C.rank[i]);
    });
    for (const i of order) {
      let d = "",
        pen = false;
      axes.forEach((p, k) => {
        const v = par(p)[i];
        if (v == null) {
          pen = false;
          return;
        }
        d += `${pen ? "L" : "M"}${(60 + k * step).toFixed(0)} ${sc[k].at(v).toFixed(1)}`;
        pen = true;
      });
      d += `${pen ? "L" : "M"}${(60 + axes.length * step).toFixed(0)} ${y(C.result[i]).toFixed(1)}`;
      bins[Math.min(4, Math.floor((5 * (C.rank[i] - 1)) / size[C.bracket[i] + "/" + C.stage[i]]))].push(d);
    }
    for (let k = 4; k >= 0; k--)
      f.path(bins[k], k ? mix(1 - k / 4) : "var(--accent)", {
        "stroke-width": ids.length > 500 ? 0.5 : 1.2,
        opacity: (k ? 0.3 : 0.75) * (ids.length > 1500 ? 0.25 : ids.length > 400 ? 0.6 : 1),
      });
    [...axes, "result"].forEach((p, k) => {
      const X = 60 + k * step,
        q = sc[k] || { ticks: [dy[0], (dy[0] + dy[1]) / 2, dy[1]], at: y, show: brief };
      f.s.append(sv("line", { x1: X, x2: X, y1: 40, y2: f.h - 20, stroke: "var(--soft)" }));
      f.text(X, k % 2 ? 12 : 28, cut(p, 22), { class: "name", "text-anchor": "middle" });
      q.ticks.forEach((t) =>
        f.text(X + 5, q.at(t) + 4, q.show(t), {
          style: "paint-order:stroke;stroke:var(--card);stroke-width:3px",
        }),
      );
    });
    here.append(
      key([
        ["var(--accent)", "best fifth of its stage; in slices: promoted"],
        [mix(0.75), "better"],
        [mix(0), "worse"],
      ]),
    );
  };
  pick.onchange = draw;
  draw();
}

if (D.failures.length) {
  const s = section("failures", "Failures"),
    top = D.failures.slice(0, 12),
    f = frame(s, "Failures by reason", { h: top.length * 42 + 20, l: 10, b: 8, t: 4 }),
    x = f.lin([0, top[0][1]], 10, 900);
  top.forEach(([r, n], i) => {
    const Y = 32 + i * 42;
    f.text(10, Y - 11, cut(r, 140), { class: "name" });
    f.path([`M10 ${Y + 2}H${x(n)}`], "var(--bad)", { "stroke-width": 12, "stroke-linecap": "butt" });
    f.text(x(n) + 8, Y + 6, num(n));
  });
  if (D.regions.length) {
    const t = el(
      "table",
      {},
      el("tr", {}, ...["Parameter", "Value", "Failed here", "Failed elsewhere"].map((h) => el("th", {}, h))),
    );
    const share = (k, n) => (n ? `${num(k)} of ${num(n)} (${Math.round((100 * k) / n)} %)` : "–");
    D.regions.forEach((r) =>
      t.append(
        el(
          "tr",
          {},
          el("td", {}, r.parameter),
          el("td", {}, cut(r.value, 60)),
          el("td", {}, share(r.failed, r.of)),
          el("td", {}, share(r.others_failed, r.others)),
        ),
      ),
    );
    s.append(
      el("h3", {}, "Where failures are more frequent than by chance"),
      el("div", { class: "scroll" }, t),
    );
  }
}

{
  const ids = all.filter((i) => C.start[i] && (C.end[i] || C.status[i] === "running"));
  if (ids.length) {
    const W = D.workers,
      s = section(
        "timeline",
        "Timeline",
        W
          ? `${num(W.most)} trainings at a time at most, ${num(W.mean)} on average: the workers were busy for ${Math.round(W.share * 100)} % of ${span(W.seconds)}. Last attempts are shown.`
          : "",
      );
    const at = (i) => Date.parse(C.start[i]) / 1000,
      till = (i) => (C.end[i] ? Date.parse(C.end[i]) / 1000 : now),
      now = Math.max(...ids.map((i) => Date.parse(C.end[i] || C.start[i]) / 1000)),
      t0 = Math.min(...ids.map(at)),
      lanes = [],
      lane = {};
    ids.sort((a, b) => at(a) - at(b));
    for (const i of ids) {
      let k = lanes.findIndex((e) => e <= at(i));
      if (k < 0) k = lanes.length;
      lanes[k] = Math.max(till(i), at(i));
      lane[i] = k;
    }
    const h = Math.max(3, Math.min(22, 300 / lanes.length)),
      f = frame(s, "Timeline", { h: lanes.length * h + 60, l: 16, t: 8 }),
      [unit, word] = clock(now - t0),
      scaled = f.x([0, Math.max(1, now - t0) / unit], "Time since the start in " + word),
      x = (v) => scaled(v / unit),
      kinds = {};
    for (const i of ids) {
      const a = x(at(i) - t0),
        z = Math.max(x(till(i) - t0), a + 0.8),
        Y = 8 + (lane[i] + 0.5) * h;
      (kinds[
        C.status[i] === "failed"
          ? "var(--bad)"
          : C.status[i] === "running"
            ? "var(--accent)"
            : tone(C.budget[i])
      ] ??= []).push(`M${(a + 0.2).toFixed(1)} ${Y.toFixed(1)}H${(z - 0.4).toFixed(1)}`);
      f.dot((a + z) / 2, Y, i);
    }
    for (const c in kinds) f.path(kinds[c], c, { "stroke-width": h * 0.75, "stroke-linecap": "butt" });
    s.append(
      key([
        ...budgets.map((b) => [tone(b), `budget ${num(b)}`]),
        ["var(--bad)", "failed"],
        ["var(--accent)", "running"],
      ]),
    );
  }
}

{
  const s = section(
      "all",
      "All trainings",
      "Click a heading to sort. Filter by words, or by conditions such as status=failed, result<0.5 or stage>=2; all must hold.",
    ),
    cols = [
      "path",
      "budget",
      "status",
      "result",
      "rank",
      ...P.map((p) => D.prefix + p),
      "attempts",
      "seconds",
      "start",
      "host",
      "origin",
      "reason",
    ];
  const input = el("input", { placeholder: "Filter", "aria-label": "Filter" }),
    table = el("table"),
    info = el("span", { id: "count" }),
    prev = el("button", {}, "Previous"),
    next = el("button", {}, "Next");
  let sort = "",
    dir = 1,
    page = 0,
    ids = all;
  s.append(input, el("div", { class: "scroll" }, table), el("div", { class: "pages" }, prev, next, info));
  const find = (n) => (C[n] ? n : C[D.prefix + n] ? D.prefix + n : null);
  const test = (w) => {
    const m = w.match(/^([^<>=!]+)(<=|>=|!=|=|<|>)(.+)$/),
      n = m && find(m[1]);
    if (!n) {
      const q = w.toLowerCase();
      return (i) => cols.some((c) => C[c][i] != null && String(C[c][i]).toLowerCase().includes(q));
    }
    const v = m[3],
      x = +v,
      col = C[n];
    return {
      "=": (i) => String(col[i]) === v || col[i] === x,
      "!=": (i) => String(col[i]) !== v && col[i] !== x,
      "<": (i) => col[i] != null && col[i] < x,
      ">": (i) => col[i] != null && col[i] > x,
      "<=": (i) => col[i] != null && col[i] <= x,
      ">=": (i) => col[i] != null && col[i] >= x,
    }[m[2]];
  };
  const numeric = (c) => C[c].some((v) => typeof v === "number"),
    show = () => {
      const head = el(
        "tr",
        {},
        ...cols.map((c) => {
          const b = el(
              "button",
              {},
              (c.startsWith(D.prefix) ? c.slice(D.prefix.length) : c) +
                (sort === c ? (dir > 0 ? " ▲" : " ▼") : ""),
            ),
            th = el("th", { class: numeric(c) ? "n" : "" }, b);
          b.onclick = () => {
            dir = sort === c ? -dir : 1;
            sort = c;
            update();
          };
          return th;
        }),
      );
      table.replaceChildren(
        el("thead", {}, head),
        el(
          "tbody",
          {},
          ...ids
            .slice(page * 50, page * 50 + 50)
            .map((i) =>
              el(
                "tr",
                {},
                ...cols.map((c) =>
                  el(
                    "td",
                    { class: c === "status" ? "tag " + C[c][i] : numeric(c) ? "n" : "" },
                    C[c][i] == null ? "" : num(C[c][i]),
                  ),
                ),
              ),
            ),
        ),
      );
      info.textContent = `${num(ids.length)} of ${num(N)} trainings, page ${page + 1} of ${Math.max(1, Math.ceil(ids.length / 50))}`;
      prev.disabled = !page;
      next.disabled = (page + 1) * 50 >= ids.length;
    };
  const update = () => {
    const tests = input.value.trim().split(/\s+/).filter(Boolean).map(test);
    ids = all.filter((i) => tests.every((t) => t(i)));
    if (sort) {
      const c = C[sort];
      ids.sort((a, b) =>
        c[a] == null ? 1 : c[b] == null ? -1 : (c[a] < c[b] ? -1 : c[a] > c[b] ? 1 : a - b) * dir,
      );
    }
    page = 0;
    show();
  };
  input.oninput = update;
  prev.onclick = () => {
    page--;
    show();
  };
  next.onclick = () => {
    page++;
    show();
  };
  show();
}

{
  const s = section(
    "reproduce",
    "To reproduce it",
    `The plan with its random seed, and what was run. Written by hyperband-snakemake ${S.version}.`,
  );
  for (const k in D.reproduce) {
    const d = el("details", {}, el("summary", {}, k), el("pre", {}, D.reproduce[k]));
    s.append(d);
  }
}
document.querySelector("footer").textContent =
  `Written by hyperband-snakemake ${S.version} on ${S.written}. This page makes no request to anywhere.`;
