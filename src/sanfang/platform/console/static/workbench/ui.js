// What abilities may show of their own: dialogs, sheets, toasts, the title bar, other pages. All of
// it lies over one frame's screen, can be used by keyboard, and is gone when the page is left.

import { bi, fill, h, uid } from "./dom.js";

const FOCUSABLE = "button:not(:disabled), [href], input:not(:disabled), select, textarea, [tabindex='0']";

/**
 * Make the `ui` of a view.
 * @param {object} view layer (element), screen (element), nav, panel, navigate, signal()
 */
export function makeUi(view) {
  return {
    dialog: (options) => dialog(view, options),
    page: (options) => dialog(view, { ...options, full: true }),
    sheet: (items, cancel, options = {}) => sheet(view, items, cancel, options),
    toast: (text, options = {}) => toast(view, text, options),
    spinner: (on, text = "") => spinner(view, on, text),
    nav: view.nav,
    panel: { open: (url, options = {}) => view.openPanel(url, options) },
    navigate: (kind, options = {}) => view.navigate(kind, options),
  };
}

/**
 * Ask something; resolves to {index, value}: the button's place, -1 for Esc or the corner.
 * @param {object} options title, body (a Node or text), buttons (texts, or {text, primary, value()}),
 *   full (covers the screen, with a title bar of its own), focus (element), escape (index for Esc,
 *   null: cannot be escaped)
 */
export function dialog(view, { title = "", body = "", buttons = ["确定 OK"], full = false, focus, escape = -1, label }) {
  const titleId = uid("title");
  return modal(view, escape, (close) => {
    const made = buttons.map((button, index) => {
      const { text, primary = index === buttons.length - 1, value } = typeof button === "string" ? { text: button } : button;
      return h(
        "button",
        { type: "button", class: primary ? "primary" : "", onclick: () => close({ index, value: value && value() }) },
        text,
      );
    });
    const heading = title ? h("h3", { id: titleId, class: "dialog-title" }, title) : null;
    const corner = full
      ? h("button", { type: "button", class: "icon", "aria-label": "取消 Cancel", onclick: () => close({ index: -1 }) }, "✕")
      : null;
    const box = h(
      "div",
      {
        class: full ? "dialog full" : "dialog",
        role: "dialog",
        "aria-modal": "true",
        "aria-labelledby": heading ? titleId : null,
        "aria-label": heading ? null : label || "提示 Notice",
        tabindex: "-1",
      },
      full ? h("div", { class: "dialog-bar" }, corner, heading) : heading,
      h("div", { class: "dialog-body" }, body),
      made.length ? h("div", { class: "dialog-buttons" }, made) : null,
    );
    return { box, focus: focus || (full ? null : made.at(-1)) };
  });
}

/** Choose one of several; resolves to its index, -1 for cancel. */
export function sheet(view, items, cancel = "取消 Cancel", { title = "" } = {}) {
  return modal(view, -1, (close) => {
    const choices = items.map((item, index) =>
      h("button", { type: "button", class: "sheet-item", onclick: () => close({ index }) }, item),
    );
    const last = h("button", { type: "button", class: "sheet-item cancel", onclick: () => close({ index: -1 }) }, cancel || "取消 Cancel");
    const box = h(
      "div",
      { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": title || "选择 Choose", tabindex: "-1" },
      title ? h("p", { class: "sheet-title" }, title) : null,
      choices,
      last,
    );
    return { box, focus: choices[0] || last };
  }).then((answer) => answer.index);
}

/** Lay something over the screen, keep the focus in it, give the focus back when it closes. */
export function modal(view, escape, build) {
  const before = document.activeElement;
  const gone = view.signal();
  return new Promise((resolve, reject) => {
    const backdrop = h("div", { class: "backdrop" });
    const close = (answer) => {
      gone.removeEventListener("abort", left);
      backdrop.remove();
      view.freeze(view.layer.querySelector(".backdrop") !== null);
      if (before && before.isConnected) before.focus();
      resolve(answer);
    };
    const left = () => {
      backdrop.remove();
      view.freeze(view.layer.querySelector(".backdrop") !== null);
      reject(new DOMException("the page was left", "AbortError"));
    };
    const { box, focus } = build(close);
    backdrop.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && escape !== null) {
        event.stopPropagation();
        close({ index: escape });
      } else if (event.key === "Tab") trap(box, event);
    });
    if (gone.aborted) return reject(new DOMException("the page was left", "AbortError"));
    gone.addEventListener("abort", left, { once: true });
    backdrop.append(box);
    view.layer.append(backdrop);
    view.freeze(true);
    (focus || box.querySelector(FOCUSABLE) || box).focus();
    return undefined;
  });
}

function trap(box, event) {
  const stops = [...box.querySelectorAll(FOCUSABLE)].filter((each) => each.offsetParent !== null);
  if (!stops.length) {
    event.preventDefault();
    return;
  }
  const [first, last] = [stops[0], stops.at(-1)];
  const outside = !stops.includes(document.activeElement);
  if (event.shiftKey && (document.activeElement === first || outside)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (document.activeElement === last || outside)) {
    event.preventDefault();
    first.focus();
  }
}

const ICONS = { success: "✓", error: "✕", warn: "!", warning: "!", exception: "!", fail: "✕" };

/** Say something for a while; resolves when it has been said. Times in seconds. */
export function toast(view, text, { icon = "", duration = 3, delay = 0 } = {}) {
  const seconds = (value, most) => Math.min(Math.max(Number(value) || 0, 0), most) * 1000;
  return new Promise((resolve) => {
    setTimeout(() => {
      const box = h(
        "div",
        { class: "toast", role: "status" },
        ICONS[icon] ? h("span", { class: "toast-icon", "aria-hidden": "true" }, ICONS[icon]) : null,
        h("span", {}, text),
      );
      view.toasts.append(box);
      setTimeout(() => {
        box.remove();
        resolve();
      }, seconds(duration, 10) || 1500);
    }, seconds(delay, 10));
  });
}

/** Show or hide that something goes on. */
export function spinner(view, on, text = "") {
  view.toasts.querySelector(".spinner")?.remove();
  if (!on) return;
  view.toasts.append(
    h(
      "div",
      { class: "toast spinner", role: "status" },
      h("span", { class: "wheel", "aria-hidden": "true" }),
      h("span", {}, text || "加载中 Loading"),
    ),
  );
}

const EMPTY = { title: "", left: null, right: null, menu: null, icon: null, bgcolor: "" };

/**
 * The title bar of a view. `set` takes any of: title; left {show, text, control}; right {show, text};
 * menu [{id, text, iconId}]; icon {show, iconIndex}; bgcolor AARRGGBB. `on(kind, fn)` says who hears
 * taps on left, right, menu (fn({id})), icon, title; the page's events are sent where nobody does.
 */
export class Nav {
  constructor(view, bar) {
    this.view = view;
    this.bar = bar;
    this.state = { ...EMPTY };
    this.taps = new Map();
    bar.left.addEventListener("click", () => this.view.back());
    bar.close.addEventListener("click", () => this.view.close());
    bar.right.addEventListener("click", () => this.tap("right", {}, "navRightButton"));
    bar.icon.addEventListener("click", () => this.tap("icon", {}, "navHelpIcon"));
    bar.more.addEventListener("click", () => this.openMenu());
    this.draw();
  }

  set(change) {
    Object.assign(this.state, change);
    this.draw();
  }

  /** Forget what the page before has set, except the title, which the next one sets itself. */
  reset(nav) {
    this.state = { ...EMPTY, title: this.state.title, bgcolor: nav.bgcolor };
    this.taps.clear();
    this.draw();
  }

  on(kind, fn) {
    if (fn) this.taps.set(kind, fn);
    else this.taps.delete(kind);
  }

  tap(kind, data, event) {
    const fn = this.taps.get(kind);
    if (fn) fn(data);
    else if (event) this.view.push(event, data);
  }

  async openMenu() {
    const own = Array.isArray(this.state.menu) ? this.state.menu : [];
    const standard = this.view.menu();
    const labels = [...own.map((item) => String(item.text || item.iconId || item.id)), ...standard.map((item) => item.label)];
    const index = await sheet(this.view, labels, "取消 Cancel", { title: this.state.title });
    if (index < 0) return;
    if (index < own.length) this.tap("menu", { id: own[index].id }, "navMenu");
    else standard[index - own.length].act();
  }

  draw() {
    const { title, left, right, menu, icon, bgcolor } = this.state;
    const { bar } = this;
    bar.title.textContent = title;
    bar.left.hidden = Boolean(left && left.show === false);
    bar.leftText.textContent = left && left.text ? left.text : "";
    bar.right.hidden = !(right && right.show !== false && right.text);
    bar.right.textContent = right && right.text ? right.text : "";
    bar.icon.hidden = !(icon && icon.show !== false);
    bar.more.hidden = !(this.view.showMenu || menu);
    const colour = colourOf(bgcolor);
    bar.root.style.setProperty("--bar-bg", colour ? colour.css : "");
    bar.root.style.setProperty("--bar-fg", colour ? (colour.dark ? "#ffffff" : "#10151c") : "");
  }
}

/** Read AARRGGBB; text on it is white when that contrasts more. */
function colourOf(text) {
  if (!/^[0-9a-f]{8}$/i.test(text || "")) return null;
  const [a, r, g, b] = [0, 2, 4, 6].map((at) => parseInt(text.slice(at, at + 2), 16));
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return {
    css: `rgb(${r} ${g} ${b} / ${(a / 255).toFixed(3)})`,
    dark: 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.0575, // against #10151c
  };
}

/** The elements of a title bar. */
export function makeBar(flavour) {
  const button = (name, label, text) => h("button", { type: "button", class: `bar-${name}`, "aria-label": label }, text);
  const leftText = h("span", {});
  const bar = {
    left: button("left", "返回 Back", "‹"),
    leftText,
    close: button("close", "关闭 Close", "✕"),
    title: h("h2", { class: "bar-title" }),
    icon: button("help", "帮助 Help", "?"),
    right: h("button", { type: "button", class: "bar-right" }),
    more: button("more", "更多 More", "⋯"),
  };
  bar.left.append(leftText);
  bar.more.setAttribute("aria-haspopup", "dialog");
  bar.root = h("header", { class: `bar ${flavour}` }, bar.left, bar.close, bar.title, bar.icon, bar.right, bar.more);
  return bar;
}

export { bi, fill, h };
