// Searching in the guide: accents and case do not matter, nor which apostrophe or space is written.

let hits = [];
let current = -1;

// Fold a text, and tell for each folded character which one of the text it comes from.
function folded(text) {
  let shown = "";
  const from = [];
  for (let at = 0; at < text.length; at += 1) {
    const plain = text[at].normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
      .replace(/[’‘ʼ`]/g, "'").replace(/\s/g, " ").replace(/œ/g, "oe").replace(/æ/g, "ae");
    for (const letter of plain) { shown += letter; from.push(at); }
  }
  return { shown, from };
}

function textNodes(passage) {
  const walker = document.createTreeWalker(passage, NodeFilter.SHOW_TEXT, {
    acceptNode: (node) => (node.parentElement.closest(".number") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
  });
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

// The range of some characters of a passage, whatever marks lie in it.
function rangeOf(passage, start, end) {
  const range = document.createRange();
  let before = 0;
  let begun = false;
  for (const node of textNodes(passage)) {
    const after = before + node.length;
    if (!begun && start < after) { range.setStart(node, start - before); begun = true; }
    if (begun && end <= after) { range.setEnd(node, end - before); return range; }
    before = after;
  }
  return begun ? range : null;
}

function search(asked) {
  hits = [];
  current = -1;
  const wanted = folded(asked.trim().replace(/\s+/g, " ")).shown;
  if (wanted.length > 1) {
    for (const passage of all(".guide .passage, .guide .editorial")) {
      const text = textNodes(passage).map((node) => node.data).join("");
      const { shown, from } = folded(text);
      for (let at = shown.indexOf(wanted); at >= 0; at = shown.indexOf(wanted, at + wanted.length)) {
        const range = rangeOf(passage, from[at], from[at + wanted.length - 1] + 1);
        if (range) hits.push({ passage, range });
      }
    }
  }
  highlight();
  if (hits.length) step(1); else find("#found").textContent = wanted.length > 1 ? words.found_none : "";
}

function highlight() {
  if (!window.Highlight || !CSS.highlights) return;
  CSS.highlights.set("found", new Highlight(...hits.map((hit) => hit.range)));
  CSS.highlights.set("found-here", new Highlight(...(hits[current] ? [hits[current].range] : [])));
}

function step(by) {
  if (!hits.length) return;
  current = (current + by + hits.length) % hits.length;
  highlight();
  find("#found").textContent = say("found", { number: current + 1, count: hits.length });
  settleHere(hits[current].passage);
  reveal(hits[current].range);
}

find("#find").addEventListener("input", (event) => search(event.target.value));
find(".find").addEventListener("submit", (event) => { event.preventDefault(); step(1); });
find("#find").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); step(-1); }
  if (event.key === "Escape" && event.target.value) {
    event.preventDefault();
    event.stopPropagation();
    event.target.value = "";
    search("");
  }
});
