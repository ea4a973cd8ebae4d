// The conversation: asking, waiting, stopping, trying again, editing; tooltips, feedback, taking along.

const talk = find("#talk");
const input = find("#question");
const copies = new Map();
const asked = new Map(); // Question and mark of each answer: what the server needs to make it again once it lost it.
const MOST_AGAIN = 12; // Of one request.
let asking = null; // The question that is being answered: its text, its place, and whether it was stopped.
let edited = null; // The exchange whose question is being edited.
let lastKey = 0;
const conversation = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const KEPT = "guide-assistant-conversations"; // What this browser may erase, where conversations are kept.

const exchanges = () => all(".exchange[data-key]", talk);
const keys = () => exchanges().map((exchange) => Number(exchange.dataset.key));
const shown = (some) => some.slice(-MOST_AGAIN).map((key) => asked.get(key)).filter(Boolean);

function fitInput() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 220)}px`;
  const [length, longest] = [input.value.length, input.maxLength];
  const count = find("#count");
  count.hidden = length < longest * 0.8;
  count.textContent = say("count", { length: length.toLocaleString(language), longest: longest.toLocaleString(language) });
  count.classList.toggle("full", length >= longest);
}

function showTalk(begun) {
  page.classList.toggle("begun", begun);
  find(".welcome").hidden = begun;
  find(".talk-tools").hidden = !begun;
}

function focusInput() {
  // On a phone the focus would bring up the keyboard over the answer.
  if (!touch.matches) input.focus({ preventScroll: true });
}

async function ask(text, { from = null } = {}) {
  const question = text.trim();
  if (!question || asking) return;
  if (edited) { edited.remove(); stopEditing(); }
  all(".failed", talk).forEach((other) => other.remove());
  all(".following", talk).forEach((other) => other.remove());
  lastKey += 1;
  const mine = { question, key: lastKey, stopped: false };
  asking = mine;
  const place = pendingPlace(question);
  talk.append(place);
  showTalk(true);
  input.value = "";
  fitInput();
  if (from) focusInput();
  toggleSend();
  place.scrollIntoView({ block: "start", behavior: glide() });
  const slow = setTimeout(() => { place.classList.add("slow"); announce(words.searching); }, SLOW);
  // Before it is sent: an answer that is stopped or lost may be kept all the same, and its reader can erase it.
  if (keeps) remember();
  const reply = await request("ask", { question, key: mine.key, keep: keys(), shown: shown(keys()), conversation });
  clearTimeout(slow);
  if (mine.stopped) return;
  asking = null;
  toggleSend();
  if (reply.error) { failed(place, question, reply.error); return; }
  place.insertAdjacentHTML("afterend", reply.html);
  const exchange = place.nextElementSibling;
  place.remove();
  lastKey = Math.max(lastKey, reply.key);
  copies.set(String(reply.key), reply.copy);
  asked.set(reply.key, { key: reply.key, question, mark: reply.mark });
  if (!reader.hidden && !narrow.matches) markCited(exchange);
  announce(reply.announce);
  exchange.scrollIntoView({ block: "start", behavior: glide() });
  if (touch.matches) find("h2", exchange).focus({ preventScroll: true });
}

// What was asked shows at once; the wait only once it lasts.
function pendingPlace(question) {
  const place = document.createElement("div");
  place.className = "exchange pending";
  const asked = document.createElement("div");
  asked.className = "asked";
  const heading = document.createElement("h2");
  heading.textContent = question;
  asked.append(heading);
  const wait = document.createElement("p");
  wait.className = "searching";
  wait.textContent = words.searching;
  place.append(asked, wait);
  return place;
}

function failed(place, question, problem) {
  place.className = "exchange failed";
  find(".searching", place).remove();
  const box = document.createElement("div");
  box.className = "answered error";
  const text = document.createElement("p");
  text.setAttribute("role", "alert");
  text.textContent = problem;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "primary";
  again.textContent = words.retry;
  again.addEventListener("click", () => { place.remove(); ask(question, { from: again }); });
  box.append(text, again);
  place.append(box);
  if (!input.value) { input.value = question; fitInput(); }
}

function stop() {
  if (!asking) return;
  const { question } = asking;
  asking.stopped = true;
  asking = null;
  find(".pending", talk).remove();
  toggleSend();
  showTalk(Boolean(find(".exchange", talk)));
  input.value = question;
  fitInput();
  input.focus();
  announce(words.stopped);
}

function toggleSend() {
  const held = document.activeElement === find("#send") || document.activeElement === find("#stop");
  find("#send").hidden = Boolean(asking);
  find("#stop").hidden = !asking;
  if (held) input.focus({ preventScroll: true });
}

function edit(exchange) {
  edited = exchange;
  exchange.classList.add("edited");
  find("#editing").hidden = false;
  const heading = find("h2", exchange).cloneNode(true);
  all(".unseen", heading).forEach((part) => part.remove());
  input.value = heading.textContent;
  fitInput();
  input.focus({ preventScroll: true });
  input.select();
}

function stopEditing() {
  if (edited) edited.classList.remove("edited");
  edited = null;
  find("#editing").hidden = true;
}

function startAnew() {
  if (asking) stop();
  stopEditing();
  talk.replaceChildren();
  copies.clear();
  asked.clear();
  unmark();
  find(".cited", reader).hidden = true;
  showTalk(false);
  input.value = "";
  fitInput();
  moreStarters();
  window.scrollTo({ top: 0, behavior: glide() });
  input.focus({ preventScroll: true });
  announce(words.cleared);
}

let turn = null;
let keeps = false;
async function moreStarters() {
  const reply = await request("start", turn === null ? {} : { turn: turn + 1 });
  if (reply.error) { find("#starters").textContent = reply.error; return; }
  turn = reply.turn;
  keeps = reply.keeps;
  find("#starters").innerHTML = reply.starters;
  if (!find("#privacy").firstChild) find("#privacy").innerHTML = reply.privacy;
}

function remember() {
  try {
    const known = new Set(JSON.parse(localStorage.getItem(KEPT) || "[]"));
    localStorage.setItem(KEPT, JSON.stringify([...known.add(conversation)].slice(-50)));
  } catch { /* A browser that keeps nothing can still erase what this page holds. */ }
}

async function erase(button) {
  let known = [conversation];
  try { known = [...new Set([...JSON.parse(localStorage.getItem(KEPT) || "[]"), conversation])]; } catch { /* as above */ }
  const reply = await request("erase", { conversations: known });
  if (!reply.error) {
    try { localStorage.removeItem(KEPT); } catch { /* as above */ }
    startAnew();
  }
  find(".said", button.parentElement).textContent = reply.error || reply.said;
}

async function give(exchange, verdict, comment) {
  const said = find(".said", exchange);
  said.textContent = words.sending;
  const key = Number(exchange.dataset.key);
  const before = shown(keys().filter((other) => other <= key));
  const reply = await request("feedback", { key, verdict, comment, shown: before, conversation });
  said.textContent = reply.error || reply.said;
  said.classList.toggle("problem", Boolean(reply.error));
  return !reply.error;
}

function toggleWhy(exchange, open) {
  const form = find(".why", exchange);
  const thumb = find("[data-do=bad]", exchange);
  if (open) find(".said", exchange).textContent = "";
  form.hidden = !open;
  thumb.setAttribute("aria-expanded", String(open));
  if (!open) { thumb.focus(); return; }
  find("input", form).focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest", behavior: glide() });
}

async function takeAlong(button, which) {
  const menu = button.closest("details");
  menu.open = false;
  menu.querySelector("summary").focus();
  // A server that was started anew makes a dozen answers again at a time.
  let [reply, left, before] = [null, which, Infinity];
  while (left.length && left.length < before) {
    before = left.length;
    const last = left.slice(0, MOST_AGAIN).at(-1);
    const some = shown(keys().filter((key) => key <= last));
    reply = await request("export", { format: button.dataset.format, keys: which, shown: some });
    left = reply.left_out || [];
  }
  if (reply.error) { flash(menu.querySelector("summary"), reply.error); return; }
  const bytes = Uint8Array.from(atob(reply.file), (letter) => letter.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: reply.type }));
  link.download = reply.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  if (left.length) flash(menu.querySelector("summary"), say("exported_part", { count: left.length }));
  else announce(say("exported", { name: reply.name }));
}

// A dialog that closes gives the focus back to where it was.
function openCheck(exchange) {
  const dialog = find("#check");
  find(".dialog-body", dialog).replaceChildren(find("template.check", exchange).content.cloneNode(true));
  dialog.dataset.key = exchange.dataset.key;
  dialog.showModal();
  find("#check-title").focus();
}
