(() => {
  "use strict";
  const { side, columns, rows, cards, models, credits } = window.GALLERY;
  const [SHEET, CELL, WIDTH, HEIGHT, SEED, MODEL, CLIP, COLOUR, RATING, DIGEST, CREDIT] = Array(11).keys();
  const $ = id => document.getElementById(id), main = $("cards"), viewer = $("viewer"), SMALL = 112;
  const number = (value, digits) => value.toLocaleString(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const mean = values => {
    const known = values.filter(value => value !== null);
    return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
  };
  const isGold = picture => picture[SEED] === null;

  function paint(element, picture, longest, load = true) {
    const scale = longest / Math.max(picture[WIDTH], picture[HEIGHT]), size = side * scale, cell = picture[CELL];
    element.style.width = picture[WIDTH] * scale + "px";
    element.style.height = picture[HEIGHT] * scale + "px";
    element.style.backgroundSize = `${size * columns}px ${size * rows}px`;
    element.style.backgroundPosition = `${-(cell % columns) * size}px ${-Math.floor(cell / columns) * size}px`;
    if (load) show(element, picture);
  }
  const show = (element, picture) => {
    element.style.backgroundImage = `url("sprites/${String(picture[SHEET]).padStart(4, "0")}.jpg")`;
  };
  const modelOf = picture => MODELS[models[picture[MODEL]]] ?? models[picture[MODEL]];
  const describe = picture => {
    if (isGold(picture)) return WORDS.gold;
    const draw = say(WORDS.draw, { number: picture[SEED] + 1 });
    return models[picture[MODEL]] in MODELS ? `${draw} · ${modelOf(picture)}` : draw;
  };

  const near = new IntersectionObserver(entries => {
    for (const entry of entries) if (entry.isIntersecting) {
      near.unobserve(entry.target);
      for (const thumb of entry.target.querySelectorAll(".thumb")) show(thumb, thumb.picture);
    }
  }, { rootMargin: "800px" });

  const made = cards.map(([dataset, id, text, pictures], order) => {
    const article = document.createElement("article"), heading = document.createElement("h2"), strip = document.createElement("div");
    heading.textContent = text;
    heading.lang = "en";
    strip.className = "strip";
    const thumbs = pictures.map((picture, place) => {
      const thumb = document.createElement("button");
      thumb.type = "button";
      thumb.className = isGold(picture) ? "thumb gold" : "thumb";
      thumb.picture = picture;
      thumb.setAttribute("aria-label", `${describe(picture)}, ${text}`);
      thumb.style.boxSizing = "content-box";
      thumb.addEventListener("click", () => open(order, place));
      paint(thumb, picture, SMALL, false);
      strip.append(thumb);
      return thumb;
    });
    const drawn = pictures.filter(picture => !isGold(picture)), gold = pictures.filter(isGold);
    const sums = {
      order, clip: mean(drawn.map(picture => picture[CLIP])), colour: mean(drawn.map(picture => picture[COLOUR])),
      rating: mean(drawn.map(picture => picture[RATING])),
    };
    const own = mean(gold.map(picture => picture[CLIP]));
    sums.gap = own === null || sums.clip === null ? null : own - sums.clip;
    const meta = document.createElement("p");
    meta.className = "meta";
    const told = [LABELS[dataset] ?? dataset];
    if (sums.clip !== null) told.push(`${WORDS.clip} ${number(sums.clip, 2)}`);
    if (own !== null) told.push(`${WORDS.clip_gold} ${number(own, 2)}`);
    if (sums.rating !== null) told.push(`${WORDS.rating} ${number(sums.rating, 1)}`);
    meta.textContent = told.join(" · ");
    article.append(heading, strip, meta);
    main.append(article);
    near.observe(article);
    return { article, thumbs, pictures, dataset, text, id, words: plain(text), sums };
  });

  const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
  $("dataset").append(option("", WORDS.all_datasets), ...[...new Set(cards.map(card => card[0]))].map(key => option(key, LABELS[key] ?? key)));
  $("model").append(option("", WORDS.all_models), ...models.map((name, place) => option(place, MODELS[name] ?? name)));
  $("model-label").hidden = models.length < 2;
  const rated = made.some(card => card.sums.rating !== null);
  for (const one of document.querySelectorAll("#sort option")) if (one.value.startsWith("rating") && !rated) one.remove();

  let shown = made;
  function refresh() {
    const wanted = plain($("search").value).split(/\s+/).filter(Boolean), kind = $("kind").value, model = $("model").value;
    let count = 0;
    for (const card of made) {
      let some = false;
      card.thumbs.forEach(thumb => {
        const picture = thumb.picture, gold = isGold(picture);
        const fits = (kind === "" || gold === (kind === "gold")) && (model === "" || gold || picture[MODEL] === Number(model));
        thumb.hidden = !fits;
        some ||= fits;
      });
      const fits = some && ($("dataset").value === "" || card.dataset === $("dataset").value) && wanted.every(word => card.words.includes(word));
      card.article.hidden = !fits;
      if (fits) count += card.thumbs.filter(thumb => !thumb.hidden).length;
    }
    const [, name, direction] = /^(\w+)([+-]?)$/.exec($("sort").value), sign = direction === "-" ? -1 : 1;
    shown = made.filter(card => !card.article.hidden).sort((a, b) => {
      const [first, second] = [a.sums[name], b.sums[name]];
      if (first === null || second === null) return (first === null) - (second === null) || a.sums.order - b.sums.order;
      return sign * (first - second) || a.sums.order - b.sums.order;
    });
    main.append(...shown.map(card => card.article));
    $("count").value = say(WORDS.count, { captions: number(shown.length, 0), pictures: number(count, 0) });
    $("nothing").hidden = shown.length > 0;
    const state = new URLSearchParams();
    for (const id of ["search", "dataset", "kind", "model", "sort"]) if ($(id).value && $(id).value !== "order") state.set(id, $(id).value);
    try { history.replaceState(null, "", "#" + state); } catch (refused) { console.info(refused.message); }
  }
  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 120); });
  for (const id of ["dataset", "kind", "model", "sort"]) $(id).addEventListener("change", refresh);
  for (const [id, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = $(id);
    if (field && ["INPUT", "SELECT"].includes(field.tagName) && id in { search: 1, dataset: 1, kind: 1, model: 1, sort: 1 }) field.value = value;
  }
  refresh();

  const seen = card => card.thumbs.filter(thumb => !thumb.hidden);
  main.addEventListener("keydown", event => {
    const at = shown.findIndex(card => card.article.contains(document.activeElement));
    if (at < 0 || !document.activeElement.classList.contains("thumb")) return;
    const here = seen(shown[at]), place = here.indexOf(document.activeElement);
    const moves = {
      ArrowRight: () => here[place + 1] ?? (shown[at + 1] && seen(shown[at + 1])[0]),
      ArrowLeft: () => here[place - 1] ?? (shown[at - 1] && seen(shown[at - 1]).at(-1)),
      ArrowDown: () => shown[at + 1] && (seen(shown[at + 1])[place] ?? seen(shown[at + 1])[0]),
      ArrowUp: () => shown[at - 1] && (seen(shown[at - 1])[place] ?? seen(shown[at - 1])[0]),
      Home: () => seen(shown[0])[0], End: () => seen(shown.at(-1)).at(-1),
    };
    const target = moves[event.key]?.();
    if (target) { target.focus(); event.preventDefault(); }
  });

  let current = null, place = 0;
  function open(order, chosen) {
    current = made[order];
    place = chosen;
    draw();
    if (!viewer.open) viewer.showModal();
  }
  function pane(element, picture, longest) {
    element.hidden = !picture;
    if (!picture) return;
    const image = element.querySelector(".large");
    paint(image, picture, longest);
    image.setAttribute("role", "img");
    image.setAttribute("aria-label", describe(picture));
    element.querySelector("figcaption").textContent = describe(picture);
  }
  function draw() {
    const picture = current.pictures[place], gold = current.pictures.find(isGold);
    const both = gold && !isGold(picture), room = Math.min(innerWidth * .9, 900) / (both ? 2 : 1) - 30;
    const longest = Math.max(120, Math.min(room, innerHeight * .5, 2 * side));
    $("viewer-text").textContent = current.text;
    pane($("gold-pane"), gold, longest);
    pane($("drawn-pane"), isGold(picture) ? null : picture, longest);
    const facts = [[WORDS.dataset, LABELS[current.dataset] ?? current.dataset], [WORDS.caption_id, current.id]];
    const add = (name, value, digits) => { if (value !== null) facts.push([name, digits === undefined ? value : number(value, digits)]); };
    add(WORDS.clip, picture[CLIP], 3);
    if (both) add(WORDS.clip_gold, gold[CLIP], 3);
    add(WORDS.colourfulness, picture[COLOUR], 1);
    add(WORDS.rating, picture[RATING], 1);
    if (picture[MODEL] !== null) facts.push([WORDS.model, modelOf(picture)]);
    facts.push([WORDS.digest, picture[DIGEST]]);
    const list = $("facts");
    list.replaceChildren(...facts.flatMap(([name, value]) => [term("dt", name), term("dd", value)]));
    if (gold && gold[CREDIT] !== null) {
      const [licence, url, source] = credits[gold[CREDIT]], told = term("dd", "");
      told.append(link(licence || WORDS.licence_not_stated, url));
      if (source) told.append(" · ", link(WORDS.source, source));
      list.append(term("dt", WORDS.licence), told);
    }
  }
  const term = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  function link(text, url) {
    if (!url) return document.createTextNode(text);
    return Object.assign(document.createElement("a"), { href: url, textContent: text, rel: "noreferrer" });
  }
  function step(by) {
    const at = shown.indexOf(current), open = seen(current).map(thumb => current.thumbs.indexOf(thumb));
    const next = open.indexOf(place) + by;
    if (next >= 0 && next < open.length) place = open[next];
    else if (shown[at + by]) {
      current = shown[at + by];
      const other = seen(current).map(thumb => current.thumbs.indexOf(thumb));
      place = by > 0 ? other[0] : other.at(-1);
    }
    draw();
  }
  function leap(by) {
    const next = shown[shown.indexOf(current) + by];
    if (!next) return;
    current = next;
    place = current.thumbs.indexOf(seen(current)[Math.min(1, seen(current).length - 1)]);
    draw();
  }
  $("before").addEventListener("click", () => step(-1));
  $("after").addEventListener("click", () => step(1));
  $("close").addEventListener("click", () => viewer.close());
  viewer.addEventListener("click", event => { if (event.target === viewer) viewer.close(); });
  viewer.addEventListener("keydown", event => {
    const act = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => leap(1), ArrowUp: () => leap(-1) }[event.key];
    if (act) { act(); event.preventDefault(); }
  });
  let from = null;
  viewer.addEventListener("pointerdown", event => { from = event.pointerType === "touch" ? event.clientX : null; });
  viewer.addEventListener("pointerup", event => {
    if (from !== null && Math.abs(event.clientX - from) > 40) step(event.clientX < from ? 1 : -1);
    from = null;
  });
  viewer.addEventListener("close", () => {
    const thumb = current.thumbs[place];
    current.article.scrollIntoView({ block: "nearest" });
    thumb.focus();
  });
  addEventListener("resize", () => { if (viewer.open) draw(); });
})();
