// Gradio compiles a page's scripts from text, for which a browser would have to allow 'unsafe-eval'. This
// file brings them compiled, and hands them out where the text would be. Other text stays text: refused.
(() => {
  "use strict";
  const known = new Map();
  const keyOf = (text) => {
    let mixed = 0x811c9dc5;
    for (let i = 0; i < text.length; i += 1) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193) >>> 0;
    return `${text.length}:${mixed}`;
  };
  const constant = (text) => {
    // What templates without variables come to: a string, written with double quotes or backticks.
    const quoted = /^\s*return ("(?:[^"\\]|\\.)*");?\s*$/.exec(text);
    if (quoted) return JSON.parse(quoted[1]);
    const plain = /^\s*return `([^`\\$]*)`;?\s*$/.exec(text);
    return plain ? plain[1] : null;
  };
  const compiled = (parts) => {
    const text = String(parts.at(-1) ?? "");
    const found = known.get(keyOf(text));
    if (found) return found;
    const value = constant(text);
    return value === null ? null : () => value;
  };
  const instead = (native) =>
    new Proxy(native, {
      apply: (target, self, parts) => compiled(parts) ?? Reflect.apply(target, self, parts),
      construct: (target, parts, created) => compiled(parts) ?? Reflect.construct(target, parts, created),
    });
  globalThis.Function = instead(Function);
  const asynchronous = Object.getPrototypeOf(async () => {});
  Object.defineProperty(asynchronous, "constructor", { value: instead(asynchronous.constructor), configurable: true });
  /* functions */
})();
