// What the page's scripts share: language, requests to the server, small tools. They run in one function,
// where Gradio gives `element`, `trigger`, `props` and `watch`. HTML comes from the server only, escaped there.
"use strict";

const SLOW = 300; // Milliseconds after which a wait is shown.
const PATIENCE = 2000; // Milliseconds that a question waits for the first screen.
const LOST = 60000; // Milliseconds after which a request counts as lost.

function chosenLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "fr" || asked === "en") return asked;
  if (props.language === "en") return "en";
  const known = (navigator.languages || [navigator.language]).map((name) => name.slice(0, 2).toLowerCase());
  return known.find((name) => name === "fr" || name === "en") || "fr";
}

const language = chosenLanguage();
const words = props.words[language];
element.innerHTML = props.shells[language];
const page = element.querySelector("#page");
const find = (selector, within = page) => within.querySelector(selector);
const all = (selector, within = page) => [...within.querySelectorAll(selector)];

// Gradio's own frame is a <main>; the page has its own, and one is enough.
for (const frame of document.querySelectorAll("main")) if (frame.contains(page)) frame.setAttribute("role", "presentation");
document.title = words.page_title;
function speak() {
  if (document.documentElement.lang !== language) document.documentElement.lang = language;
}
speak();
new MutationObserver(speak).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });

function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

let announcing = 0;
function announce(text) {
  const region = find("#announce");
  region.textContent = "";
  clearTimeout(announcing);
  announcing = setTimeout(() => { region.textContent = text; }, 50);
}

const waiting = new Map();
let serial = 0;

// Send a request to the desk; the promise gives its reply, with `error` when there is none. Requests of
// one name wait for each other, but for questions: one that was stopped must not hold up the next. A question waits
// a moment for what fills the first screen: of two requests at once, Gradio at times loses the second's reply.
const last = {};
function request(name, data = {}) {
  const before = name === "ask" ? moment(last.start) : last[name];
  last[name] = before ? before.then(() => sendRequest(name, data)) : sendRequest(name, data);
  return last[name];
}

function moment(before) {
  return before && Promise.race([before, new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
}

function sendRequest(name, data) {
  serial += 1;
  const sent = serial;
  return new Promise((resolve) => {
    const lost = setTimeout(() => settle(sent, { error: words.lost }), LOST);
    waiting.set(sent, { name, resolve, lost });
    trigger(name, { ...data, language, serial: sent });
  });
}

function settle(sent, reply) {
  const one = waiting.get(sent);
  if (!one) return;
  clearTimeout(one.lost);
  waiting.delete(sent);
  one.resolve(reply);
}

window.addEventListener("page-reply", (event) => { if (event.detail?.serial) settle(event.detail.serial, event.detail); });
window.addEventListener("page-failed", (event) => {
  for (const [sent, one] of waiting) if (one.name === event.detail) settle(sent, { error: words.lost });
});

// Gradio keeps to itself what the server says when it refuses a request, and that it could not be reached.
const plainFetch = window.fetch;
window.fetch = async (address, options) => {
  const join = String(address?.url || address).includes("/queue/join");
  try {
    const answer = await plainFetch(address, options);
    if (join && !answer.ok) refused(options, await answer.clone().json().catch(() => ({})));
    return answer;
  } catch (error) {
    if (!join) throw error;
    // Left to itself Gradio would load the page anew once the server is back, and the conversation be gone.
    refused(options, {});
    return new Response(JSON.stringify({ detail: words.lost }), { status: 503, headers: { "Content-Type": "application/json" } });
  }
};

function refused(options, told) {
  const sent = JSON.parse(options.body).event_data?.serial;
  settle(sent, { error: typeof told.detail === "string" ? told.detail : words.lost });
}

const narrow = matchMedia("(max-width: 900px)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const touch = matchMedia("(pointer: coarse)");
const glide = () => (still.matches ? "auto" : "smooth");

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Outside of https and localhost browsers have no clipboard; the old way still works there.
    const box = document.createElement("textarea");
    box.value = text;
    box.className = "unseen";
    (document.querySelector("dialog[open]") || page).append(box);
    const before = document.activeElement;
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    if (before) before.focus();
    return done;
  }
}

// Say something in a button's place for a moment, and aloud.
function flash(button, text) {
  const label = button.querySelector("span") || button;
  if (!label.dataset.label) label.dataset.label = label.textContent;
  label.textContent = text;
  announce(text);
  setTimeout(() => { label.textContent = label.dataset.label; }, 2500);
}
