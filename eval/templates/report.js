"use strict";
const form = document.getElementById("filter");
const cards = [...document.querySelectorAll("details.card")];
const count = document.getElementById("count");
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const texts = new Map(cards.map((card) => [card, fold(card.textContent)]));
function apply() {
  const words = fold(form.elements.words.value).split(/\s+/).filter(Boolean);
  const wanted = [...form.querySelectorAll("select")].filter((s) => s.value).map((s) => [s.name, s.value]);
  let shown = 0;
  for (const card of cards) {
    const text = texts.get(card);
    const fits = wanted.every(([name, value]) => card.dataset[name] === value) && words.every((w) => text.includes(w));
    card.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  count.textContent = `${shown} of ${cards.length} turns shown`;
}
function reveal() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.matches("details.card")) {
    if (target.hidden) { form.reset(); apply(); }
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus();
  }
}
form.addEventListener("input", apply);
form.addEventListener("reset", () => setTimeout(apply));
form.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", reveal);
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    form.elements.words.focus();
  }
});
apply();
reveal();
