// Conversations and work notifications: the list, the one that is open, and what comes while one looks.

import { get, post } from "./api.js";
import { avatar, bi, fill, h } from "./dom.js";
import { bubble } from "./render.js";

const PAGE = 30;

export class Messages {
  constructor(desk, { unread, open, openApp }) {
    this.desk = desk;
    this.tellUnread = unread;
    this.openLink = open;
    this.openApp = openApp;
    this.entries = [];
    this.cid = "";
    this.items = new Map(); // id -> element, of the open conversation
    this.list = h("ul", { class: "threads" });
    this.root = h("section", { class: "pane", "aria-labelledby": "messages-title" }, h("h1", { id: "messages-title" }, bi("消息", "Messages")), this.list);
    this.title = h("h2", {});
    this.quick = h("button", { type: "button", "aria-haspopup": "dialog", hidden: true, onclick: () => this.chooseApp() }, bi("打开应用", "Open an app"));
    this.scroller = h("div", { class: "talk", role: "log", "aria-label": "消息 Messages", tabindex: "0", onscroll: () => this.scrolled() });
    this.field = h("textarea", {
      rows: "2",
      maxlength: "5000",
      "aria-label": "写消息 Write a message",
      placeholder: "写消息，Enter 发送 · Write, Enter sends",
      onkeydown: (event) => this.typed(event),
    });
    this.send = h("button", { type: "submit", class: "primary" }, bi("发送", "Send"));
    this.form = h("form", { class: "say", onsubmit: (event) => this.say(event) }, this.field, this.send);
    this.problem = h("p", { class: "problem", role: "alert" });
    this.main = h("section", { class: "conversation", "aria-label": "会话 Conversation", hidden: true }, h("header", { class: "talk-head" }, this.title, this.quick), this.scroller, this.problem, this.form);
    document.addEventListener("visibilitychange", () => this.caughtUp()); // read what came meanwhile
    this.empty();
  }

  // ---- The list

  /** Show the place; `cid` is a conversation to open. */
  async load(cid = "") {
    await this.refresh();
    const wanted = cid || this.cid;
    if (wanted) await this.open(wanted);
  }

  async refresh() {
    try {
      this.entries = await get("/api/conversations");
      this.draw();
    } catch (error) {
      fill(this.list, h("li", { class: "problem", role: "alert" }, `${error.zh} ${error.en}`));
    }
  }

  draw() {
    fill(this.list, this.entries.length ? this.entries.map((entry) => this.line(entry)) : this.none());
    this.tellUnread(this.entries.reduce((sum, entry) => sum + entry.unread, 0));
  }

  none() {
    return h("li", { class: "empty" }, bi("还没有消息。", "No messages yet."));
  }

  line(entry) {
    const here = entry.cid === this.cid;
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "thread", "aria-current": here ? "true" : null, "data-cid": entry.cid, onclick: () => this.open(entry.cid) },
        avatar(entry.title, entry.icon, entry.kind === "app"),
        h(
          "span",
          { class: "thread-text" },
          h("span", { class: "thread-top" }, h("span", { class: "thread-title" }, entry.title || "群聊 Group"), h("small", {}, shortTime(entry.last_at))),
          h(
            "span",
            { class: "thread-top" },
            h("small", { class: "thread-last" }, entry.last_text),
            entry.unread ? h("span", { class: "badge", "aria-label": `${entry.unread} 条未读 unread` }, String(entry.unread)) : null,
          ),
        ),
      ),
    );
  }

  // ---- One conversation

  empty() {
    this.title.textContent = "";
    fill(this.scroller, h("div", { class: "empty" }, bi("选一个会话", "Choose a conversation")));
    this.form.hidden = true;
  }

  async open(cid) {
    const changed = cid !== this.cid;
    this.cid = cid;
    this.problem.textContent = "";
    const entry = this.entries.find((each) => each.cid === cid);
    this.title.textContent = entry ? entry.title : "";
    this.form.hidden = !entry || entry.kind === "app" || entry.closed;
    this.quick.hidden = this.form.hidden;
    this.draw();
    if (changed) {
      this.items.clear();
      fill(this.scroller);
    }
    try {
      const items = await get(this.path(cid));
      if (this.cid !== cid) return;
      this.more = items.length === PAGE;
      this.items.clear();
      fill(this.scroller, items.map((item) => this.made(item)));
      if (!items.length) fill(this.scroller, h("div", { class: "empty" }, bi("还没有消息。", "No messages yet.")));
      this.toEnd();
      this.markRead(items);
    } catch (error) {
      this.problem.textContent = `${error.zh} ${error.en}`;
    }
    history.replaceState(null, "", `#/messages/${encodeURIComponent(cid)}`);
  }

  /** Quick entry: an app opened here gets this conversation for $DOUBLE_ENCCID$ in its address. */
  async chooseApp() {
    const apps = await get("/api/apps");
    const box = h("dialog", { class: "persona", "aria-label": "打开应用 Open an app", onclose: () => box.remove() });
    const choices = apps.map((app) =>
      h(
        "button",
        {
          type: "button",
          class: "app",
          onclick: () => {
            box.close();
            this.openApp(app, this.cid);
          },
        },
        avatar(app.name, app.icon, true),
        h("span", { class: "app-name" }, app.name),
      ),
    );
    box.append(
      h("div", { class: "persona-head" }, h("h2", {}, bi("在此会话打开应用", "Open an app here")), h("button", { type: "button", class: "icon", "aria-label": "关闭 Close", onclick: () => box.close() }, "✕")),
      ...(choices.length ? choices : [h("p", {}, bi("没有应用。", "No apps."))]),
    );
    document.body.append(box);
    box.showModal();
  }

  made(item) {
    const element = bubble(item, this.desk, { open: (url) => this.openLink(url) });
    this.items.set(item.id, element);
    return element;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    for (const image of this.scroller.querySelectorAll("img")) {
      // Pictures that are still loading make it longer.
      if (!image.complete) image.addEventListener("load", () => (this.scroller.scrollTop = this.scroller.scrollHeight), { once: true });
    }
  }

  atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 60;
  }

  /** At the top the page before is fetched. */
  async scrolled() {
    if (!this.more || this.fetching || this.scroller.scrollTop > 40 || !this.items.size) return;
    this.fetching = true;
    const { cid } = this;
    try {
      const before = Math.min(...this.items.keys());
      const items = await get(this.path(cid, before));
      if (cid !== this.cid) return;
      this.more = items.length === PAGE;
      const height = this.scroller.scrollHeight;
      this.scroller.prepend(...items.map((item) => this.made(item)));
      this.scroller.scrollTop += this.scroller.scrollHeight - height;
    } catch {
      // The next scroll tries again.
    } finally {
      this.fetching = false;
    }
  }

  async markRead(items) {
    const entry = this.entries.find((each) => each.cid === this.cid);
    const last = items.at(-1);
    if (!last || !this.seen() || !(entry?.unread || items.some((item) => !item.mine && !item.read))) return;
    try {
      await post(`/api/conversations/${encodeURIComponent(this.cid)}/read`, { up_to: last.id });
      if (entry) entry.unread = 0;
      this.draw();
    } catch {
      // It stays unread.
    }
  }

  /** Whether somebody is looking at the open conversation. */
  seen() {
    return !this.main.hidden && this.main.isConnected && document.visibilityState === "visible";
  }

  typed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  async say(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    const { cid } = this;
    if (!text || this.send.disabled) return;
    this.send.disabled = true;
    this.problem.textContent = "";
    try {
      const item = await post(`/api/conversations/${encodeURIComponent(cid)}/messages`, { text });
      this.field.value = "";
      this.arrived(item);
    } catch (error) {
      this.problem.textContent = `${error.zh} ${error.en}`;
    } finally {
      this.send.disabled = false;
      this.field.focus();
    }
  }

  // ---- What comes

  /** The stream is up: look at what may have come before it was. */
  async caughtUp() {
    await this.refresh();
    const { cid } = this;
    if (!cid || !this.seen()) return;
    const items = await get(this.path(cid)).catch(() => []);
    if (cid !== this.cid) return;
    const missed = items.filter((item) => !this.items.has(item.id));
    // Nothing in common with what is shown: begin anew, else only add, so that nobody loses the place.
    if (items.length && missed.length === items.length && this.items.size) await this.open(cid);
    else missed.forEach((item) => this.arrived(item));
    this.markRead(items);
  }

  path(cid, before = "") {
    return `/api/conversations/${encodeURIComponent(cid)}/messages?limit=${PAGE}${before && `&before=${before}`}`;
  }

  /** Somebody read what this member said there; in a group many do within a moment. */
  wasRead(cid) {
    if (cid !== this.cid || this.looking) return;
    this.looking = setTimeout(async () => {
      this.looking = 0;
      const items = await get(this.path(cid)).catch(() => []);
      if (cid !== this.cid) return;
      for (const item of items) if (item.mine) this.items.get(item.id)?.replaceWith(this.made(item));
    }, 300);
  }

  arrived(item) {
    if (this.items.has(item.id) && item.cid === this.cid) return;
    if (item.cid === this.cid) {
      const follow = item.mine || this.atEnd();
      this.scroller.querySelector(".empty")?.remove();
      this.scroller.append(this.made(item));
      if (follow) this.toEnd();
    }
    const entry = this.entries.find((each) => each.cid === item.cid);
    if (!entry) {
      this.refresh();
      return;
    }
    if (item.id > entry.last_id) {
      // Else the list, fetched meanwhile, has counted it.
      Object.assign(entry, { last_id: item.id, last_text: item.text, last_at: item.at });
      if (!item.mine) entry.unread += 1;
    }
    this.entries.sort((one, other) => other.last_at - one.last_at);
    this.draw();
    if (item.cid === this.cid) this.markRead([item]);
  }
}

function shortTime(at) {
  if (!at) return "";
  const then = new Date(at);
  const today = new Date().toDateString() === then.toDateString();
  return today
    ? then.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false })
    : then.toLocaleDateString("zh-CN", { month: "2-digit", day: "2-digit" });
}
