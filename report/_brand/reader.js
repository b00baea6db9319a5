// A picture of a figure is shown larger by a click or Enter.
const enlarged = document.getElementById("enlarged");
const enlarge = (picture) => {
  enlarged.querySelector("img")?.remove();
  enlarged.append(Object.assign(new Image(), { src: picture.src, alt: picture.alt }));
  enlarged.showModal();
};
enlarged.addEventListener("click", (event) => event.target !== enlarged.querySelector("button") && enlarged.close());
for (const picture of document.querySelectorAll("main figure img")) {
  picture.tabIndex = 0;
  picture.setAttribute("role", "button");
  picture.setAttribute("aria-haspopup", "dialog");
  picture.addEventListener("click", () => enlarge(picture));
  picture.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    enlarge(picture);
  });
}
// What scrolls is reached by the keyboard too, and nothing else is a stop on its way.
const scrolled = () => document.querySelectorAll(".table-scroll, .equation, math[display=block], pre, .rapporteur-chart").forEach((box) =>
  box.scrollWidth > box.clientWidth ? box.setAttribute("tabindex", "0") : box.removeAttribute("tabindex"));
addEventListener("load", scrolled);
addEventListener("resize", scrolled);
// The contents mark the part that is read, and keep it in sight.
const contents = document.getElementById("TOC");
const links = new Map([...(contents?.querySelectorAll("a") ?? [])].map((link) => [link.hash.slice(1), link]));
const parts = [...document.querySelectorAll("main :is(h2, h3)")].filter((part) => links.has(part.id));
const read = () => {
  const now = parts.findLast((part) => part.getBoundingClientRect().top < innerHeight / 3);
  for (const [name, link] of links) name === now?.id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  const link = now && links.get(now.id);
  if (!link || getComputedStyle(contents).position !== "fixed") return;
  const outside = link.offsetTop < contents.scrollTop || link.offsetTop > contents.scrollTop + contents.clientHeight - 40;
  if (outside) contents.scrollTop = link.offsetTop - contents.clientHeight / 2;
};
let waiting = false;
addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; read(); });
}, { passive: true });
read();

// What is sought in the page, whatever its accents and capitals: Enter leads to the next place, Shift and Enter back.
const field = document.getElementById("sought");
const page = document.getElementById("contenu");
const BLOCK = "p, li, td, th, figcaption, h2, h3, h4, dt, dd, pre, summary, div";
const told = field?.form.querySelector("output");
const fold = (text) => Array.from({ length: text.length }, (_, at) => {
  const sign = text[at].normalize("NFD")[0].toLowerCase()[0];
  return /\s/.test(sign) ? " " : sign === "’" ? "'" : sign; // as long as the text, so that places are its own
}).join("");
let words = null; // of the page: its text nodes, where each begins in the text of all, and that text
const readPage = () => {
  const nodes = [], starts = [];
  let text = "", last = null;
  const walk = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const block = walk.currentNode.parentElement.closest(BLOCK);
    if (!block || walk.currentNode.parentElement.closest("script, style, svg")) continue;
    if (block !== last) text += "\n";
    last = block;
    nodes.push(walk.currentNode);
    starts.push(text.length);
    text += fold(walk.currentNode.data);
  }
  return { nodes, starts, text };
};
const rangeOf = (at, length) => {
  const range = new Range();
  const place = (where) => words.starts.findLastIndex((start) => start <= where);
  const first = place(at), end = place(at + length - 1);
  range.setStart(words.nodes[first], at - words.starts[first]);
  range.setEnd(words.nodes[end], at + length - words.starts[end]);
  return range;
};
let found = [], here = -1;
const mark = (name, ranges) => CSS.highlights?.set(name, new Highlight(...ranges));
const seek = () => {
  const sought = fold(field.value.trim());
  words ??= readPage();
  found = [];
  here = -1;
  for (let at = -1; sought.length > 1 && (at = words.text.indexOf(sought, at + 1)) >= 0;) found.push(rangeOf(at, sought.length));
  mark("sought", found);
  mark("sought-here", []);
  told.textContent = sought.length > 1 ? found.length : "";
};
const step = (by) => {
  if (!found.length) return;
  here = here < 0 && by < 0 ? found.length - 1 : (here + by + found.length) % found.length;
  const range = found[here], holder = range.startContainer.parentElement;
  for (let box = holder.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  holder.scrollIntoView({ block: "center", behavior: "instant" });
  if (CSS.highlights) mark("sought-here", [range]);
  else getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  told.textContent = `${here + 1} / ${found.length}`;
};
field?.addEventListener("input", seek);
field?.form.addEventListener("submit", (event) => event.preventDefault());
field?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  step(event.shiftKey ? -1 : 1);
});

// A table of several rows is sorted by the head of a column: up, then down, then as it was.
const language = document.documentElement.lang;
const point = language.startsWith("en") ? "." : ",";
const number = (text) => {
  const digits = text.replace(/[−–]/g, "-").match(/^[^\d-]{0,4}(-?\s?\d[\d\s.,]*)/)?.[1];
  return digits === undefined ? NaN : Number(digits.replaceAll(point === "." ? "," : ".", "").replace(/\s/g, "").replace(point, "."));
};
const compared = new Intl.Collator(language, { numeric: true }).compare;
for (const table of page.querySelectorAll("table")) {
  const rows = [...table.querySelectorAll("tbody > tr")], heads = [...table.querySelectorAll("thead th")];
  if (rows.length < 4 || table.querySelector("thead tr + tr, [colspan], [rowspan]")) continue;
  heads.forEach((head, place) => {
    if (!head.textContent.trim() || head.querySelector("button, [role=button], a")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorts";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const now = head.ariaSort, order = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (order) head.ariaSort = order;
      const text = (row) => row.cells[place]?.textContent.trim() ?? "";
      const filled = rows.filter((row) => text(row)), sign = order === "descending" ? -1 : 1;
      const numeric = filled.every((row) => !Number.isNaN(number(text(row))));
      const by = numeric ? (a, b) => number(text(a)) - number(text(b)) : (a, b) => compared(text(a), text(b));
      const sorted = order ? [...filled.sort((a, b) => sign * by(a, b)), ...rows.filter((row) => !text(row))] : rows;
      rows[0].parentElement.append(...sorted);
      words = null;
    });
  });
}

// A table of numbers that is longer than a figure is high is folded under its caption, and can be had as a file.
const LONG = 12; // rows
const isNumber = (text) => /^[^\p{L}\d]*\d[\d\s.,]*%?$/u.test(text); // with its sign or bound, and no unit but that
const asFile = (table) => {
  const [head, ...rows] = [...table.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  const counted = head.map((_, place) => {
    const texts = rows.map((row) => row[place] ?? "").filter((text) => /\d/.test(text));
    return texts.length > 0 && texts.every((text) => isNumber(text) && !text.endsWith("%"));
  });
  const written = (text, place) => (counted[place] && /^[-−–]?\s?\d/.test(text) ? `${number(text)}` : text);
  return [head, ...rows].map((row, at) =>
    row.map((text, place) => `"${(at ? written(text, place) : text).replaceAll('"', '""')}"`).join(",")).join("\r\n");
};
const ofNumbers = (rows) => [...rows[0].cells].some((_, place) => {
  const texts = rows.map((row) => row.cells[place]?.textContent.trim()).filter((text) => text && text !== "–");
  return texts.length && texts.every(isNumber);
});
const folded = [];
for (const table of page.querySelectorAll("table")) {
  const rows = [...table.querySelectorAll("tbody > tr")], count = rows.length;
  if (count <= LONG || table.closest("details") || !ofNumbers(rows)) continue;
  const box = document.createElement("details"), summary = document.createElement("summary"), link = document.createElement("a");
  const held = table.closest(".table-scroll") ?? table;
  summary.textContent = `${count} ${page.dataset.rows}`;
  link.textContent = "CSV";
  link.className = "as-file";
  link.download = `${table.closest("[id^=tbl-]")?.id ?? "table"}.csv`;
  link.href = "#";
  // The sign before the text tells Excel that it is UTF-8.
  link.addEventListener("click", () => { link.href = URL.createObjectURL(new Blob(["\ufeff", asFile(table)], { type: "text/csv" })); });
  const holder = Object.assign(document.createElement("div"), { className: "long-table" });
  held.replaceWith(holder);
  holder.append(link, box);
  box.append(summary, held);
  box.addEventListener("toggle", scrolled);
  folded.push(box);
}
let shut = [];
addEventListener("beforeprint", () => { shut = folded.filter((box) => !box.open); shut.forEach((box) => { box.open = true; }); });
addEventListener("afterprint", () => shut.forEach((box) => { box.open = false; }));
