// The rating page: shows a picture and its captions, sends each answer, goes on. Knows nothing but what it shows.
"use strict";

const KEY = location.hash.slice(1); // of this session; it is sent as a header, never as part of an address
const KEPT_TIMES = 20; // pictures from whose times the rest is estimated
const QUEUE = 24; // keys that may wait: a cat on the keyboard is not a rater

const WORDS = JSON.parse(document.getElementById("words").textContent); // what the page says, in its language

// The words of a name, with what they speak of in their places.
const words = (name, told = {}) => WORDS[name].replace(/\{(\w+)\}/g, (_, key) => told[key]);
// No line starts with a mark that is set off by a blank, nor ends with an opening one.
const spaced = (text) => text.replace(/ ([?!:;»])/g, "\u00a0$1").replace(/« /g, "«\u00a0");
const element = (id) => document.getElementById(id);
const pictures = new Map(); // name -> promise of an object URL: the one shown, and the next
const times = []; // seconds of the last pictures
let about = null; // what /start said
let shown = null; // what /task/<place> said; null at the end
let current = 0; // number of the question
let since = 0; // when the picture was shown
let progress = { done: 0, total: 0, next: 0 };
let waiting = 0;
let work = Promise.resolve(); // what is done, one thing after the other

async function call(path, body) {
  const headers = { "X-Rapporteur-Key": KEY };
  const options = { headers, cache: "no-store" };
  if (body) {
    Object.assign(options, { method: "POST", body: JSON.stringify(body) });
    headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path, options).catch(() => {
    throw new Error(words("gone"));
  });
  if (!response.ok) {
    const told = await response.json().catch(() => ({}));
    throw new Error(told.error || words("error", { status: response.status }));
  }
  return response;
}

const ask = async (path, body) => (await call(path, body)).json();

function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function say(text) {
  element("live").textContent = text;
}

function complain(error) {
  element("alert").textContent = spaced(error.message);
}

function enqueue(action) {
  if (waiting >= QUEUE) return;
  waiting += 1;
  work = work.then(() => {
    element("alert").textContent = "";
    return action();
  }).catch(complain).finally(() => { waiting -= 1; });
}

// --- pictures

function picture(name) {
  if (!pictures.has(name)) {
    pictures.set(name, call(`/picture/${name}`).then((response) => response.blob()).then(URL.createObjectURL));
  }
  return pictures.get(name);
}

function forget(kept) {
  for (const [name, url] of pictures) {
    if (kept.has(name)) continue;
    pictures.delete(name);
    url.then(URL.revokeObjectURL, () => {});
  }
}

async function prepare(place) {
  if (place >= progress.total) return;
  const next = await ask(`/task/${place}`);
  await Promise.all(next.pictures.map(picture));
}

// --- what is shown

async function show(place, question) {
  const view = await ask(`/task/${place}`);
  const figures = await Promise.all(view.pictures.map(async (name, side) => figure(name, side, view.pictures.length)));
  shown = view;
  forget(new Set(view.pictures));
  element("pictures").replaceChildren(...(figures.length ? figures : [make("p", { textContent: spaced(words("no_picture")) })]));
  element("texts").replaceChildren(...view.captions.map((text) => make("p", { textContent: text })));
  element("captions-title").textContent = words(view.captions.length > 1 ? "captions" : "caption");
  element("work").hidden = false;
  element("end").hidden = true;
  const open = about.questions.findIndex((one) => !(one.name in view.answers));
  current = question === undefined ? Math.max(open, 0) : question;
  since = performance.now();
  mark();
  count();
  scrollTo(0, 0);
  const told = { captions: element("captions-title").textContent, texts: view.captions.join(" ; "), asking: asking() };
  say(words("image_said", { place: place + 1, total: progress.total, ...told }));
  prepare(place + 1).catch(() => {}); // only ahead of time: showing it asks again, and complains
}

async function figure(name, side, count) {
  const label = words(count > 1 ? ["left_image", "right_image"][side] : "image");
  const image = make("img", { alt: label });
  try {
    image.src = await picture(name);
    await image.decode();
  } catch (error) {
    pictures.delete(name);
    return make("figure", {}, make("p", { role: "alert", textContent: words("unreadable", { why: error.message }) }));
  }
  return make("figure", {}, image, ...(count > 1 ? [make("figcaption", { textContent: words(["left", "right"][side]) })] : []));
}

function asking() {
  return about.questions.length > 1 ? words("question", { question: about.questions[current].label }) : "";
}

function mark() {
  about.questions.forEach((question, number) => {
    const group = element(`question-${question.name}`);
    if (number === current) group.setAttribute("aria-current", "true");
    else group.removeAttribute("aria-current");
    for (const button of group.querySelectorAll("button")) {
      const pressed = shown.answers[question.name] === button.dataset.value;
      button.setAttribute("aria-pressed", String(pressed));
    }
  });
  element("before").disabled = shown.place === 0;
  element("undo").disabled = shown.place === 0 && current === 0;
  element("after").disabled = false;
}

function count() {
  element("bar").max = progress.total;
  element("bar").value = progress.done;
  element("count").textContent = `${progress.done} / ${progress.total}${remaining()}`;
}

function remaining() {
  const left = progress.total - progress.done;
  if (times.length < 3 || !left) return "";
  const middle = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const minutes = Math.round((middle * left) / 60);
  return minutes < 1 ? words("less_than_a_minute") : words("minutes", { minutes });
}

function end() {
  shown = null;
  forget(new Set());
  element("work").hidden = true;
  element("end").hidden = false;
  element("end-count").textContent = spaced(words("all_done", progress));
  element("before").disabled = element("undo").disabled = progress.total === 0;
  element("after").disabled = true;
  count();
  say(words("all_done_said", progress));
}

// --- what the rater does

async function answer(number, value) {
  if (!shown) return;
  const question = about.questions[number];
  progress = await ask("/answer", { task: shown.task, question: question.name, answer: value });
  shown.answers[question.name] = value;
  current = number;
  const open = about.questions.findIndex((one) => !(one.name in shown.answers));
  if (number + 1 < about.questions.length) await choose(number + 1);
  else if (open >= 0) await choose(open);
  else await finish();
}

async function finish() {
  times.push((performance.now() - since) / 1000);
  if (times.length > KEPT_TIMES) times.shift();
  mark();
  await go(shown.place + 1);
}

async function choose(number) {
  if (!shown || number < 0 || number >= about.questions.length) return;
  current = number;
  mark();
  say(asking());
}

async function go(place, question) {
  if (place < 0) return;
  if (place < progress.total) await show(place, question);
  else if (progress.next < progress.total) await show(progress.next);
  else end();
}

async function undo() {
  const last = about.questions.length - 1;
  if (!shown) await go(progress.total - 1, last);
  else if (current > 0) await choose(current - 1);
  else await go(shown.place - 1, last);
  if (shown) say(words("undone", { place: shown.place + 1, asking: asking() }));
}

const move = (step) => go((shown ? shown.place : progress.total) + step);

function action(event) {
  const keys = [event.key];
  if (/^Digit\d$/.test(event.code)) keys.push(event.code.slice(5)); // a French keyboard's digits without shift
  const one = shown && about.questions[current].answers.find((each) => each.keys.some((key) => keys.includes(key)));
  if (one) return () => answer(current, one.value);
  if (event.key === "Backspace" || event.key.toLowerCase() === "u") return undo;
  return { ArrowUp: () => choose(current - 1), ArrowDown: () => choose(current + 1),
           ArrowLeft: () => move(-1), ArrowRight: () => move(1) }[event.key];
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
  if (!action(event)) return;
  event.preventDefault();
  enqueue(() => (action(event) || (() => {}))()); // looked up again: an earlier key may have gone on to another picture
}

// --- the start

function button(question, number, one) {
  const made = make("button", { type: "button", textContent: one.label, title: one.name });
  made.setAttribute("aria-label", one.name);
  made.dataset.value = one.value;
  made.classList.toggle("wide", one.label.length > 1 && question.answers.length > 3);
  made.addEventListener("click", (event) => {
    if (event.detail) element("page").focus({ preventScroll: true }); // by mouse: Space must not press it again
    enqueue(() => answer(number, one.value));
  });
  return made;
}

function build() {
  document.title = spaced(`${about.title} · ${about.rater}`);
  document.body.className = about.mode;
  element("title").textContent = spaced(about.title);
  element("end-file").textContent = about.file;
  element("questions").replaceChildren(...about.questions.map((question, number) => {
    const answers = make("div", { className: "answers" }, ...question.answers.map((one) => button(question, number, one)));
    return make("fieldset", { id: `question-${question.name}` }, make("legend", { textContent: question.label }), answers);
  }));
  element("keys").replaceChildren(...about.keys.map(([keys, effect]) => {
    const caps = keys.split(" ").map((key) => make("kbd", { textContent: key }));
    return make("div", {}, make("dt", {}, ...caps.flatMap((cap) => [cap, " "])), make("dd", { textContent: spaced(effect) }));
  }));
  for (const id of ["moves", "help"]) element(id).hidden = false;
}

async function start() {
  if (!KEY) throw new Error(words("whole_address"));
  about = await ask("/start");
  progress = { done: about.done, total: about.total, next: about.next };
  build();
  document.addEventListener("keydown", pressed);
  element("undo").addEventListener("click", () => enqueue(undo));
  element("before").addEventListener("click", () => enqueue(() => move(-1)));
  element("after").addEventListener("click", () => enqueue(() => move(1)));
  element("page").focus({ preventScroll: true });
  await go(progress.next);
}

enqueue(start);
