// What a click, a key or an address does. Every control names what it does (`data-do`).

let tip = null;
let tipTimer = 0;

function showTip(marker) {
  clearTimeout(tipTimer);
  const wanted = document.getElementById(marker.getAttribute("aria-describedby"));
  if (!wanted || tip === wanted) return;
  hideTip();
  tip = wanted;
  tip.hidden = false;
  const place = marker.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const above = place.top - size.height - 8;
  tip.style.left = `${Math.max(8, Math.min(place.left - 24, document.documentElement.clientWidth - size.width - 8))}px`;
  tip.style.top = `${above > 8 ? above : place.bottom + 8}px`;
}

function hideTip() {
  clearTimeout(tipTimer);
  if (tip) tip.hidden = true;
  tip = null;
}

// The pointer may travel from the marker onto the words themselves.
page.addEventListener("pointerover", (event) => {
  const marker = event.target.closest?.(".marker");
  if (marker && event.pointerType !== "touch") showTip(marker);
  else if (event.target.closest?.(".tip")) clearTimeout(tipTimer);
  else if (tip && !document.activeElement?.matches(".marker")) { clearTimeout(tipTimer); tipTimer = setTimeout(hideTip, 200); }
});
page.addEventListener("focusin", (event) => {
  if (event.target.matches(".marker") && event.target.matches(":focus-visible")) showTip(event.target);
  else hideTip();
});
window.addEventListener("scroll", hideTip, { passive: true });

const actions = {
  ask: (control) => ask(control.textContent, { from: control }),
  stop,
  edit: (_, exchange) => edit(exchange),
  "cancel-edit": () => { stopEditing(); input.value = ""; fitInput(); input.focus(); },
  new: startAnew,
  more: moreStarters,
  print: () => window.print(),
  erase,
  check: (_, exchange) => openCheck(exchange),
  "close-check": () => find("#check").close(),
  copy: async (control, exchange) =>
    flash(control, (await copy(copies.get(exchange.dataset.key) || "")) ? words.copied : words.copy_failed),
  export: (control, exchange) => takeAlong(control, exchange ? [Number(exchange.dataset.key)] : keys()),
  good: async (control, exchange) => {
    if (control.getAttribute("aria-pressed") === "true") return;
    if (await give(exchange, "good", "")) control.setAttribute("aria-pressed", "true");
  },
  bad: (control, exchange) => toggleWhy(exchange, control.getAttribute("aria-expanded") !== "true"),
  "cancel-feedback": (_, exchange) => toggleWhy(exchange, false),
  report: () => {
    const exchange = find(`.exchange[data-key="${find("#check").dataset.key}"]`);
    find("#check").close();
    toggleWhy(exchange, true);
  },
  "open-reader": (control) => {
    if (!reader.hidden && control.hasAttribute("aria-expanded")) { cameFrom = control; closeReader(); return; }
    openReader(control);
    find("#reader-title").focus();
  },
  "close-reader": closeReader,
  back: goBack,
  share,
  "find-next": () => step(1),
  "find-previous": () => step(-1),
  "cited-next": () => stepCited(1),
  "cited-previous": () => stepCited(-1),
};

page.addEventListener("click", (event) => {
  const control = event.target.closest("[data-do]");
  const link = event.target.closest("a[href^='#']");
  if (control) {
    event.preventDefault();
    actions[control.dataset.do](control, control.closest(".exchange"));
  } else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    follow(link);
  }
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

function follow(link) {
  const id = link.getAttribute("href").slice(1);
  hideTip();
  const dialog = find("#check");
  let exchange = link.closest(".exchange");
  let from = link;
  if (dialog.contains(link)) {
    exchange = find(`.exchange[data-key="${dialog.dataset.key}"]`);
    from = find("[data-do=check]", exchange);
    dialog.close();
  }
  if (reader.contains(link)) {
    showPassage(id);
    if (link.matches(".anchor")) share(find("[data-do=share]"));
  } else if (!showPassage(id, { from, exchange, number: link.dataset.number })) document.getElementById(id)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const menu = find("details.menu[open]");
  if (tip) hideTip();
  else if (find("#check").open) return;
  else if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  else if (asking) stop();
  else if (edited) actions["cancel-edit"]();
  else if (document.activeElement?.closest(".why")) toggleWhy(document.activeElement.closest(".exchange"), false);
  else if (!reader.hidden) closeReader();
});

// The sheet keeps the focus: under it nothing can be seen.
reader.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || !reader.hasAttribute("aria-modal")) return;
  const stops = all("button, input, a[href], summary, [tabindex='0']", reader).filter((one) => one.offsetParent !== null);
  const [first, last] = [stops[0], stops[stops.length - 1]];
  if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
  else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
});

find("#composer").addEventListener("submit", (event) => { event.preventDefault(); ask(input.value, { from: input }); });
input.addEventListener("input", fitInput);
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); ask(input.value, { from: input }); }
});
talk.addEventListener("submit", async (event) => {
  event.preventDefault();
  const exchange = event.target.closest(".exchange");
  const verdict = find("input:checked", event.target).value;
  if (await give(exchange, verdict, find("textarea", event.target).value)) {
    toggleWhy(exchange, false);
    find("[data-do=bad]", exchange).classList.add("given");
  }
});
window.addEventListener("hashchange", showAddress);

fitInput();
moreStarters();
if (!showAddress()) input.focus({ preventScroll: true });
