// Where a number, a figure or a table of the page comes from: a panel that opens at it. `told` is report/sources.py's.
(() => {
  const told = JSON.parse(document.getElementById("cited-told").textContent);
  const panel = document.getElementById("cited");
  const words = told.words;

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const row = (list, term, parts) => {
    if (!parts.some((part) => part)) return;
    const said = element("dd");
    said.append(...parts.filter((part) => part).map((part) => (typeof part === "string" ? part : element("code", part.code))));
    list.append(element("dt", term), said);
  };

  const origin = (list, source) => {
    const [path, md5, stage] = told.sources[source];
    row(list, words.source, [{ code: path }, md5 && ` (md5 ${md5})`]);
    row(list, words.stage, [stage && { code: stage }, stage && ` · ${words.settings}`]);
  };

  const ofFact = (name) => {
    const { label, value, n, method, p, source } = told.facts[name];
    const list = element("dl");
    row(list, words.value, [value]);
    row(list, words.n, [n]);
    row(list, words.method, [method]);
    row(list, words.test, [p]);
    origin(list, source);
    row(list, words.again, [{ code: "dvc repro findings" }]);
    row(list, words.chain, [{ code: `rapporteur why ${name}` }]);
    return [element("h3", label), list];
  };

  const ofShown = (shown) => {
    const list = element("dl");
    row(list, words.file, [{ code: shown.file }]);
    origin(list, shown.source);
    row(list, words.again, [{ code: `dvc repro ${shown.made}` }]);
    return [list];
  };

  const open = (title, parts) => {
    panel.querySelector("h2").textContent = title;
    panel.querySelector("div").replaceChildren(...parts);
    panel.showModal();
  };
  panel.querySelector("button").addEventListener("click", () => panel.close());
  panel.addEventListener("click", (event) => event.target === panel && panel.close());

  for (const span of document.querySelectorAll("span[data-fact]")) {
    const names = span.dataset.fact.split(" ").filter((name) => name in told.facts);
    if (!names.length || span.closest("a, button, nav")) continue;
    span.tabIndex = 0;
    span.setAttribute("role", "button");
    span.setAttribute("aria-haspopup", "dialog");
    const show = () => open(words.title, names.flatMap(ofFact));
    span.addEventListener("click", show);
    span.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show();
    });
  }

  const leads = (place, shown, title) => {
    const button = element("button", words.source, "source-button");
    button.type = "button";
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-label", `${words.source} · ${title}`);
    button.addEventListener("click", () => open(title, ofShown(shown)));
    place.append(" ", button);
  };
  // Two renderers write them each in its way: a figure is known by its text, a table by the heads of its columns.
  const caption = (found) => found.closest("figure")?.querySelector("figcaption");
  const plain = (text) => text.replace(/\s+/g, " ").replace(/’/g, "'").trim();
  const pictures = [...document.querySelectorAll("main img, main [aria-label]")];
  for (const shown of told.figures) {
    const found = pictures.find((one) => [one.getAttribute("alt"), one.getAttribute("aria-label")].includes(shown.alt));
    const place = found && caption(found);
    if (place) leads(place, shown, words.figure);
  }
  const tables = [...document.querySelectorAll("main table")];
  for (const shown of told.tables) {
    const heads = (table) => plain([...table.querySelectorAll("th")].map((cell) => cell.textContent).join("|"));
    const at = tables.findIndex((table) => heads(table) === plain(shown.heads.join("|")));
    if (at < 0) continue;
    const [found] = tables.splice(at, 1);
    const place = caption(found) ?? found.caption;
    if (place) leads(place, shown, words.table);
  }
})();
