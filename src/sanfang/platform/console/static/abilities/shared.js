// What several abilities need: their stylesheet, rows to choose from, pictures, text to type.

import { avatar, bi, fill, h, safeUrl, uid } from "/static/workbench/dom.js";

export { avatar, bi, fill, h, safeUrl, uid };

let styled = false;

/** Load the stylesheet of abilities once; resolves when it is there. */
export function dress() {
  if (styled) return styled;
  styled = new Promise((resolve) => {
    const link = h("link", { rel: "stylesheet", href: "/static/abilities/abilities.css", onload: resolve, onerror: resolve });
    document.head.append(link);
  });
  return styled;
}

/** Ask with a dialog; a person who turns away ends the call with "-1". */
export async function ask(ctx, options) {
  await dress();
  const answer = await ctx.ui.dialog({ ...options, escape: -1 });
  if (answer.index < (options.buttons ? options.buttons.length - 1 : 0)) ctx.cancelled();
  return answer;
}

export const CANCEL = "取消 Cancel";
export const OK = "确定 OK";

/** A labelled field; Enter in it presses the dialog's main button. */
export function field(label, input) {
  const id = input.id || uid("field");
  input.id = id;
  if (input.tagName === "INPUT" && input.type !== "file") {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      input.closest("[role=dialog]")?.querySelector(".dialog-buttons .primary")?.click();
    });
  }
  return h("p", { class: "ability-field" }, h("label", { for: id }, label), input);
}

/** A list with a box to search it: `rows(word)` returns the entries that fit. */
export function searchable(placeholder, rows) {
  const list = h("ul", { class: "ability-list" });
  const box = h("input", { type: "search", placeholder, "aria-label": placeholder, class: "ability-search" });
  const draw = () => fill(list, ...rows(box.value.trim().toLowerCase()));
  box.addEventListener("input", draw);
  draw();
  return { root: h("div", {}, box, list), box, draw };
}

/** One entry: a picture, a name, something small under it, a box at its end. */
export function entry({ picture = null, name, note = "", end = null }) {
  return [
    picture,
    h("span", { class: "ability-name" }, name, note ? h("small", {}, note) : null),
    end,
  ];
}

/** After a list was drawn anew: the focus was on a row that has gone, so it goes to the first one. */
export function refocus(list, fallback) {
  if (document.activeElement !== document.body) return;
  (list.querySelector("input:not(:disabled), button") || fallback)?.focus();
}

/** A button that is a row of a list. */
export function row(act, parts, props = {}) {
  return h("li", {}, h("button", { type: "button", class: "ability-row", onclick: act, ...props }, entry(parts)));
}

/** Where the workbench keeps a file. */
export function mediaPath(id) {
  return `/api/media/${encodeURIComponent(id)}`;
}

/** A file's size for people. */
export function sized(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}

/** Show pictures, one at a time: arrows, Home and End move, Esc closes. */
export async function gallery(ctx, pictures, start, title = "") {
  await dress();
  let at = Math.min(Math.max(start, 0), pictures.length - 1);
  const image = h("img", { class: "ability-picture", alt: "", referrerpolicy: "no-referrer" });
  const count = h("span", { class: "ability-count", "aria-live": "polite" });
  const move = (step) => show(Math.min(Math.max(at + step, 0), pictures.length - 1));
  const before = h("button", { type: "button", "aria-label": "上一张 Previous", onclick: () => move(-1) }, "‹");
  const after = h("button", { type: "button", "aria-label": "下一张 Next", onclick: () => move(1) }, "›");
  function show(index) {
    at = index;
    image.src = pictures[at].url;
    image.alt = pictures[at].name || `${at + 1}`;
    count.textContent = `${at + 1} / ${pictures.length}`;
    before.disabled = at === 0;
    after.disabled = at === pictures.length - 1;
  }
  show(at);
  const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -pictures.length, End: pictures.length };
  const body = h(
    "div",
    {
      class: "ability-gallery",
      tabindex: "0",
      role: "group",
      "aria-label": title || "图片 Pictures",
      onkeydown: (event) => steps[event.key] && move(steps[event.key]),
    },
    image,
    h("div", { class: "ability-turn" }, before, count, after),
  );
  await ctx.ui.page({ title: title || "预览 Preview", body, buttons: [], focus: body });
}
