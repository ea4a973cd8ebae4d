// The reader panel: opening it at a passage, marking what an answer cites, going back to the marker.

const reader = find("#reader");
const body = find(".reader-body", reader);
let cameFrom = null; // The control that opened the reader, to which one goes back.
let citedNow = []; // The marks of the answer whose citations are shown, in order of number.
let here = null; // The passage that is shown, whose link can be copied.

function openReader(from) {
  if (from) cameFrom = from;
  if (!reader.hidden) return;
  reader.hidden = false;
  page.classList.add("reading");
  for (const button of all("[data-do=open-reader][aria-expanded]")) button.setAttribute("aria-expanded", "true");
  fitReader();
}

// On a phone the panel is a sheet over the page: a dialog, and what lies under it cannot be reached.
function fitReader() {
  const sheet = narrow.matches && !reader.hidden;
  if (sheet) { reader.setAttribute("role", "dialog"); reader.setAttribute("aria-modal", "true"); }
  else { reader.removeAttribute("role"); reader.removeAttribute("aria-modal"); }
  for (const under of [find("#head"), find("#main"), find(".skip")]) under.inert = sheet;
  document.documentElement.classList.toggle("sheet", sheet);
}
narrow.addEventListener("change", fitReader);

function closeReader() {
  if (reader.hidden) return;
  reader.hidden = true;
  page.classList.remove("reading");
  for (const button of all("[data-do=open-reader][aria-expanded]")) button.setAttribute("aria-expanded", "false");
  fitReader();
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  goBack();
}

function goBack() {
  if (narrow.matches && !reader.hidden) { closeReader(); return; }
  if (!cameFrom || !cameFrom.isConnected) { find("#question").focus(); return; }
  cameFrom.focus({ preventScroll: true });
  cameFrom.scrollIntoView({ block: "center", behavior: glide() });
}

// Take away the marks of the answer shown before.
function unmark() {
  for (const mark of all("mark", body)) {
    const passage = mark.closest(".passage");
    all(".number", mark).forEach((number) => number.remove());
    mark.replaceWith(...mark.childNodes);
    passage.normalize();
  }
  citedNow = [];
}

// Mark the words that an exchange cites, each with its number, in their place.
function markCited(exchange) {
  unmark();
  const tips = exchange ? all(".tip[data-start]", exchange) : [];
  for (const tip of tips) {
    const [start, end, number] = [+tip.dataset.start, +tip.dataset.end, tip.id.split("-").pop()];
    const marks = [];
    for (const passage of all(".passage", body)) {
      const [first, last] = [+passage.dataset.start, +passage.dataset.end];
      if (first >= end || last <= start) continue;
      const range = rangeOf(passage, Math.max(start - first, 0), Math.min(end, last) - first);
      if (!range) continue;
      const mark = document.createElement("mark");
      mark.dataset.number = number;
      mark.append(range.extractContents());
      range.insertNode(mark);
      marks.push(mark);
    }
    if (!marks.length) continue;
    const label = document.createElement("sup");
    label.className = "number";
    label.textContent = number;
    marks[marks.length - 1].append(label);
    citedNow.push(marks[0]);
  }
  find(".cited", reader).hidden = !citedNow.length;
}

// Bring words into the panel's view, a third of the way down.
function reveal(words) {
  const frame = body.getBoundingClientRect();
  const place = words.getBoundingClientRect();
  body.scrollTo({ top: body.scrollTop + place.top - frame.top - frame.height / 3, behavior: glide() });
}

function settleHere(passage) {
  all(".here", body).forEach((other) => other.classList.remove("here"));
  here = passage.id ? passage : here;
  passage.classList.add("here");
}

// Show a passage: open the panel, mark, scroll, and put the focus there.
function showPassage(id, { from = null, exchange = null, number = null } = {}) {
  const passage = document.getElementById(id);
  if (!passage || !body.contains(passage)) return false;
  openReader(from);
  if (exchange) markCited(exchange);
  find("[data-do=back]", reader).hidden = !exchange;
  const mark = number ? all("mark", body).find((one) => one.dataset.number === String(number)) : null;
  settleHere(passage);
  if (mark) countCited(citedNow.indexOf(mark));
  passage.focus({ preventScroll: true });
  reveal(mark || passage);
  history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
  return true;
}

let citedAt = 0;
function countCited(at) {
  citedAt = at;
  citedNow.forEach((mark, index) => mark.classList.toggle("shown", index === at));
  find("#cited").textContent = say("found", { number: at + 1, count: citedNow.length });
}

function stepCited(by) {
  if (!citedNow.length) return;
  const mark = citedNow[(citedAt + by + citedNow.length) % citedNow.length];
  countCited(citedNow.indexOf(mark));
  const passage = mark.closest(".passage");
  settleHere(passage);
  reveal(mark);
  history.replaceState(null, "", `${location.pathname}${location.search}#${passage.id}`);
}

function showAddress() {
  const id = decodeURIComponent(location.hash.slice(1));
  return /^[ps]-[\w-]+$/.test(id) && showPassage(id);
}

async function share(button) {
  const link = new URL(location.href);
  link.hash = here ? here.id : "";
  flash(button, (await copy(link.href)) ? words.link_copied : words.copy_failed);
}

for (const button of all(".cited-steps button, .find button", reader)) button.addEventListener("mousedown", (e) => e.preventDefault());
