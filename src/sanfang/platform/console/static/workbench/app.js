// The workbench: who is here, the rail with its three places, the stage beside them.

import { get, remove } from "./api.js";
import { Apps } from "./apps.js";
import { avatar, bi, fill, h } from "./dom.js";
import { readLink } from "./links.js";
import { announce, follow } from "./live.js";
import { enterByLink, linkSecret, signIn } from "./signin.js";
import { Stage } from "./stage.js";

const root = document.getElementById("workbench");

const PLACES = [
  { id: "messages", zh: "消息", en: "Messages", path: "M4 5h16v11H9l-4 4v-4H4z" },
  { id: "apps", zh: "工作台", en: "Workbench", path: "M4 4h7v7H4zm9 0h7v7h-7zM4 13h7v7H4zm9 0h7v7h-7z" },
  { id: "device", zh: "设备", en: "Device", path: "M7 2h10v20H7zm2 3v12h6V5zm2 14h2v1h-2z" },
];

class Shell {
  constructor(desk) {
    this.desk = desk;
    this.places = new Map();
    this.stage = new Stage(desk, { goTo: (where) => this.go(where.place, where.cid) });
    this.buttons = new Map();
    this.badge = h("span", { class: "badge", hidden: true });
    this.side = h("div", { class: "side" });
    this.main = h("main", { class: "main" }, this.stage.root);
    fill(root, this.top(), h("div", { class: "shell" }, this.rail(), this.side, this.main));
  }

  top() {
    const { desk } = this;
    const person = h(
      "button",
      { type: "button", class: "me", "aria-haspopup": "dialog", onclick: () => this.openPersona() },
      avatar(desk.name, desk.avatar),
      h("span", { class: "me-text" }, h("span", {}, desk.name), h("small", {}, desk.corp_name)),
    );
    return h(
      "header",
      { class: "top" },
      h("a", { class: "skip", href: "#main", onclick: (event) => this.skip(event) }, "跳到内容 Skip to content"),
      h("span", { class: "brand" }, bi("三方 工作台", "sanfang workbench")),
      this.live(),
      person,
    );
  }

  /** Says when new messages do not come. */
  live() {
    this.status = h("span", { class: "live bad", role: "status" });
    return this.status;
  }

  /** What the server tells, or another tab of this browser. */
  async hear(kind, data) {
    if (kind === "desk" || kind === "signed_out") restart();
    else if (kind === "apps") this.places.get("apps")?.load();
    else if (kind === "lost") fill(this.status, bi("连接中断，正在重连", "Reconnecting"));
    else {
      const messages = await this.place("messages");
      if (kind === "message") messages.arrived(data);
      else if (kind === "read") messages.wasRead(data.cid);
      else {
        fill(this.status);
        await messages.caughtUp();
        document.body.dataset.live = "on";
      }
    }
  }

  skip(event) {
    event.preventDefault();
    this.main.tabIndex = -1;
    this.main.focus();
  }

  rail() {
    const items = PLACES.map(({ id, zh, en, path }) => {
      const button = h(
        "button",
        { type: "button", class: "rail-item", onclick: () => this.go(id) },
        icon(path),
        h("span", { lang: "zh-CN" }, zh),
        h("small", { lang: "en" }, en),
        id === "messages" ? this.badge : null,
      );
      this.buttons.set(id, button);
      return button;
    });
    return h("nav", { class: "rail", "aria-label": "位置 Places" }, items);
  }

  /** Show a place; pages are kept, so that an open app goes on behind the messages. */
  async go(id, detail = "") {
    for (const [each, button] of this.buttons) {
      if (each === id) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    }
    this.here = id;
    const place = await this.place(id);
    if (this.here !== id) return;
    fill(this.side, place.root);
    this.stage.cover(Boolean(place.main));
    for (const [, other] of this.places) if (other.main) other.main.hidden = other !== place;
    if (place.main && !place.main.isConnected) this.main.append(place.main);
    await place.load?.(detail);
    const at = id === "messages" && detail ? `#/messages/${encodeURIComponent(detail)}` : `#/${id}`;
    history.replaceState(null, "", at); // no entry of its own: back and forward are the app's
  }

  async place(id) {
    const known = this.places.get(id);
    if (known) return known;
    let made;
    if (id === "apps") made = new Apps(this.stage);
    else if (id === "device") made = new (await import("./devicepanel.js")).DevicePanel(this.stage);
    else made = await this.messages();
    if (!this.places.has(id)) this.places.set(id, made);
    return this.places.get(id);
  }

  async messages() {
    const { Messages } = await import("./messages.js");
    return new Messages(this.desk, {
      unread: (count) => this.unread(count),
      open: (link) => this.openLink(link),
      openApp: (app, conversation) => this.openApp(app, { conversation }),
    });
  }

  unread(count) {
    this.badge.hidden = !count;
    this.badge.textContent = count > 99 ? "99+" : String(count);
    this.badge.setAttribute("aria-label", `${count} 条未读 unread`);
    document.title = count ? `(${count}) 工作台 Workbench` : "工作台 Workbench";
  }

  /** A link in a message: a page of one of the member's apps opens as such; false for others. */
  async openLink(link) {
    const wish = readLink(link, { pc: this.stage.flavour === "pc" });
    const apps = await get("/api/apps");
    const app = apps.find((each) =>
      wish.agentId ? each.agent_id === wish.agentId : [each.home, each.pc_home].some((home) => sameOrigin(home, wish.url)),
    );
    if (!app) return false;
    await this.openApp(app, { url: wish.url });
    return true;
  }

  async openApp(app, options) {
    await this.go("apps");
    await this.stage.open(app, options);
  }

  async openPersona() {
    const { openPersona } = await import("./persona.js");
    openPersona(this.desk, {
      left: async () => {
        await remove("/api/desk");
        announce("");
        restart();
      },
      changed: restart,
    });
  }
}

function icon(path) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("viewBox", "0 0 24 24");
  made.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  made.append(line);
  return made;
}

function sameOrigin(one, other) {
  try {
    return new URL(one).origin === new URL(other).origin;
  } catch {
    return false;
  }
}

/** The place the address names, and what in it. */
function wanted() {
  const [, place = "apps", detail = ""] = /^#\/(\w+)(?:\/(.+))?$/.exec(location.hash) || [];
  try {
    return PLACES.some((each) => each.id === place) ? [place, decodeURIComponent(detail)] : ["apps"];
  } catch {
    return [place]; // broken percent signs
  }
}

/** Begin anew: nothing of the former member stays in memory. */
function restart() {
  history.replaceState(null, "", "/");
  location.reload();
}

async function start() {
  const query = new URLSearchParams(location.search);
  const wish = query.get("as") || "";
  let desk = await get("/api/desk");
  const secret = linkSecret();
  addEventListener("hashchange", () => linkSecret() && location.reload()); // a link pasted where the page is open
  if (secret) {
    desk = await enterByLink(root, secret, desk);
    history.replaceState(null, "", "/"); // the secret does not stay in the address
  }
  const [corp, user] = wish.split("/");
  if (!desk.userid || (wish && (desk.corp_id !== corp || desk.userid !== user))) {
    desk = await signIn(root, { sandbox: desk.sandbox, wish });
  }
  if (wish) history.replaceState(null, "", `/${location.hash}`);
  const shell = new Shell(desk);
  await shell.go(...wanted());
  addEventListener("hashchange", () => linkSecret() || shell.go(...wanted())); // an address typed or followed
  performance.mark("workbench-ready");
  addEventListener("sanfang-signed-out", restart, { once: true });
  follow(`${desk.corp_id}/${desk.userid}`, (kind, data) => shell.hear(kind, data));
}

start().catch((error) => {
  fill(root, h("p", { class: "problem", role: "alert" }, `${error.zh || ""} ${error.en || error.message || error}`));
});
