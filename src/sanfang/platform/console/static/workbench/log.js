// The inspector beside the device: every call of the page, and what failed with its reason.

import { bi, fill, h } from "./dom.js";

const MOST = 300;
const KEY = "sanfang-inspector"; // what a person chose, for phones and for the desktop

export class Log {
  constructor() {
    this.failures = h("div", { class: "failures", "aria-live": "polite" });
    this.list = h("ol", { class: "calls" });
    this.count = 0;
    this.unseen = 0; // failures since it was closed
    this.kind = "phone";
    this.chosen = new Map();
    this.badge = h("span", { class: "badge", hidden: true });
    this.root = h(
      "aside",
      { class: "log", "aria-label": "调用与失败 Calls and failures", id: "log" },
      h("h2", {}, bi("失败", "Failures")),
      this.failures,
      h("h2", {}, bi("调用", "Calls")),
      this.list,
    );
    this.clear();
  }

  /** The toolbar's button that shows or hides the log. */
  button() {
    this.toggle = h(
      "button",
      { type: "button", class: "log-button", "aria-controls": "log", onclick: () => this.choose(this.root.hidden) },
      bi("检查器", "Inspector"),
      this.badge,
    );
    this.show(!this.root.hidden);
    return this.toggle;
  }

  /** A desktop app needs the room: there the inspector is closed until a person wants it otherwise. */
  beside(flavour) {
    this.kind = flavour === "pc" ? "desktop" : "phone";
    this.settle();
  }

  /** As the person chose it, whatever a failure has opened. */
  settle() {
    this.show(this.choice() ? this.choice() === "open" : this.kind === "phone");
  }

  choice() {
    try {
      return localStorage.getItem(`${KEY}-${this.kind}`) || "";
    } catch {
      return this.chosen.get(this.kind) || ""; // no storage
    }
  }

  choose(open) {
    const said = open ? "open" : "closed";
    this.chosen.set(this.kind, said);
    try {
      localStorage.setItem(`${KEY}-${this.kind}`, said);
    } catch {
      // It holds until the page is left.
    }
    this.show(open);
  }

  show(open) {
    this.root.hidden = !open;
    if (open) this.unseen = 0;
    this.toggle?.setAttribute("aria-expanded", String(open));
    this.badge.hidden = !this.unseen;
    this.badge.textContent = String(this.unseen);
    this.badge.setAttribute("aria-label", `${this.unseen} 个失败 failures`);
  }

  clear() {
    this.unseen = 0;
    this.settle();
    fill(this.failures, h("p", { class: "quiet" }, bi("还没有", "none yet")));
    fill(this.list);
    this.count = 0;
  }

  add(...content) {
    const item = h("li", {}, content);
    this.list.prepend(item);
    this.count += 1;
    if (this.count > MOST) this.list.lastElementChild.remove();
    return item;
  }

  page(view, url) {
    this.add(h("span", { class: "mark" }, "页面 page"), " ", h("span", { class: "wrap" }, url)).className = "page-line";
  }

  note(view, text, detail) {
    this.add(h("span", { class: "mark bad" }, text), " ", h("span", { class: "wrap" }, detail)).className = "page-line";
  }

  /** A call has begun; `ended(answer)` completes its line. */
  call(view, method, params) {
    const began = performance.now();
    const state = h("span", { class: "mark" }, "…");
    const time = h("span", { class: "ms" });
    const item = this.add(
      h(
        "details",
        {},
        h("summary", {}, state, " ", h("code", {}, method), " ", time),
        h("pre", {}, pretty(params)),
      ),
    );
    return {
      ended: (answer) => {
        time.textContent = `${(performance.now() - began).toFixed(0)} ms`;
        state.textContent = answer.ok ? "✓" : `✕ ${answer.error.errorCode}`;
        state.className = answer.ok ? "mark good" : "mark bad";
        state.setAttribute("aria-label", answer.ok ? "成功 ok" : `失败 failed ${answer.error.errorCode}`);
        item.firstChild.append(h("pre", {}, pretty(answer.ok ? answer.result : answer.error)));
      },
    };
  }

  /** Something failed for a reason we know; the panel says which. */
  async failure(view, method, params, answer) {
    const { failureCard } = await import("./failure.js");
    this.failures.querySelector(".quiet")?.remove();
    this.unseen += 1;
    // Whoever closed it on the desktop finds a number at its button; else it opens.
    this.show(!this.root.hidden || this.kind === "phone" || this.choice() !== "closed");
    this.failures.prepend(failureCard(method, answer));
    while (this.failures.childElementCount > 20) this.failures.lastElementChild.remove();
  }
}

function pretty(value) {
  try {
    const text = JSON.stringify(value, null, 1) ?? "";
    return text.length > 4000 ? `${text.slice(0, 4000)}…` : text;
  } catch {
    return "";
  }
}
