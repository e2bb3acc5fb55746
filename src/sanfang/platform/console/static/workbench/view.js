// One open page of an app: the device around it, its title bar, and what the bridge reports of it.

import { ApiError, post } from "./api.js";
import { values as device } from "./device.js";
import { bi, fill, h } from "./dom.js";
import * as host from "./host.js";
import { makeBar, makeUi, Nav, toast } from "./ui.js";

const ALLOW = "geolocation; camera; microphone; clipboard-write; fullscreen";

/** What the bridge in the page reads of its frame: `ddc:` and JSON, in the window's name. */
function nameOf(opened) {
  return `ddc:${JSON.stringify({ frame: opened.frame, v: opened.client_version })}`;
}

/** Ask the server for a frame. */
export function openFrame(agentId, flavour, { url = "", conversation = "" } = {}) {
  return post("/api/frames", {
    agent_id: agentId,
    flavour,
    url,
    conversation,
    client_version: device.version,
  });
}

export class View {
  /**
   * @param {object} stage where views live (stage.js)
   * @param {object} opened the server's answer
   * @param {object} options as: main, modal or slide; tab: a window that shows it instead of a frame
   */
  constructor(stage, opened, { as = "main", tab = null, title = "", width = 0, height = 0 } = {}) {
    this.stage = stage;
    this.desk = stage.desk;
    this.opened = opened;
    this.as = as;
    this.tab = tab;
    this.depth = 0; // pages to go back to
    this.going = false; // back: the next page is not a new one
    this.showMenu = opened.nav.menu && opened.flavour !== "pc";
    this.build(title);
    if (as === "modal" && width) this.root.style.setProperty("--modal-width", `${Math.min(Math.max(width, 240), 1200)}px`);
    if (as === "modal" && height) this.root.style.setProperty("--modal-height", `${Math.min(Math.max(height, 160), 900)}px`);
    this.entry = {
      id: opened.frame,
      origin: opened.origin,
      win: () => (this.tab ? (this.tab.closed ? null : this.tab) : this.frame.contentWindow),
      url: opened.src,
      view: this,
      agentId: opened.agent_id,
      flavour: opened.flavour,
      version: opened.client_version,
      own: opened.url,
    };
    host.add(this.entry);
    this.ui = makeUi(this);
  }

  build(title) {
    const { flavour } = this.opened;
    const bar = makeBar(flavour);
    this.layer = h("div", { class: "layer" });
    this.toasts = h("div", { class: "toasts", "aria-live": "polite" });
    this.progress = h("div", { class: "progress", role: "progressbar", "aria-label": "加载中 Loading", hidden: true });
    this.frame = this.tab ? this.elsewhere() : this.makeFrame();
    this.screen = h("div", { class: "screen" }, this.frame);
    this.body = h("div", { class: "device-body" }, this.screen, this.layer, this.toasts);
    this.root = h(
      "section",
      { class: `device ${flavour === "pc" ? "desktop" : "phone"} ${flavour} ${this.as}`, "aria-label": this.opened.title },
      bar.root,
      this.progress,
      this.body,
    );
    this.bar = bar;
    this.nav = new Nav(this, bar);
    this.nav.set({ title: title || this.opened.title, bgcolor: this.opened.nav.bgcolor });
    this.dress(this.opened.nav);
  }

  makeFrame() {
    return h("iframe", {
      name: nameOf(this.opened),
      title: this.opened.title,
      allow: ALLOW,
      onload: () => (this.progress.hidden = true),
    });
  }

  elsewhere() {
    return h(
      "div",
      { class: "empty" },
      bi("应用开在另一个标签页里；它的对话框显示在这里。", "The app is open in another tab; its dialogs appear here."),
    );
  }

  /** Load the page; the view is in the document now. */
  load() {
    this.progress.hidden = !this.opened.nav.progress;
    if (!this.tab) this.frame.src = this.opened.src;
    else {
      this.tab.name = nameOf(this.opened);
      this.tab.location.replace(this.opened.src);
    }
  }

  /** Go on to another page of the app, in the place of the one that is shown. */
  goOn(src) {
    if (this.tab) this.tab.location.replace(src);
    else this.frame.src = src;
  }

  /** Dress the device as the page's address asks (jsapi.md 6). */
  dress(nav) {
    this.showMenu = nav.menu && this.opened.flavour !== "pc";
    this.dressed = nav;
    this.root.classList.toggle("landscape", nav.orientation === "landscape");
    this.root.classList.toggle("full-screen", nav.full_screen);
    this.root.classList.toggle("translucent", nav.translucent);
    this.stage.dressed(this);
  }

  // ---- Told by the bridge's host

  pageLoading() {
    this.body.querySelector(".page-error")?.remove();
    this.toasts.replaceChildren(); // what the page before was saying
    this.length = this.length || history.length;
  }

  pageOpened(entry, answer) {
    this.count();
    this.nav.reset(answer.nav);
    this.dress(answer.nav);
    this.nav.draw();
    this.stage.log.page(this, entry.url);
  }

  pageRefused(entry, error) {
    this.body.querySelector(".page-error")?.remove();
    this.body.append(h("div", { class: "page-error", role: "alert" }, h("p", {}, error.zh || error.message), h("p", { lang: "en" }, error.en || "")));
  }

  titled(_entry, title) {
    if (title) this.nav.set({ title });
  }

  moved() {
    this.count();
  }

  clicked() {
    this.stage.clicked(this);
  }

  grantDropped(entry) {
    this.stage.log.note(this, "iOS < 2.7: # 变化，授权丢失 grant dropped", entry.url);
  }

  callBegan(_entry, method, params) {
    return this.stage.log.call(this, method, params);
  }

  failed(_entry, method, params, answer) {
    this.stage.log.failure(this, method, params, answer);
  }

  count() {
    if (this.going) this.going = false;
    else if (history.length > this.length) this.depth += 1;
    this.length = history.length;
  }

  // ---- Used by ui

  signal() {
    return this.entry.leave.signal;
  }

  /** Keep keyboard and clicks out of the page while a dialog is over it. */
  freeze(on) {
    this.screen.inert = on;
    this.bar.root.inert = on;
    this.layer.classList.toggle("on", on);
  }

  push(name, data = {}) {
    return host.push(this.entry, name, data);
  }

  menu() {
    const items = [
      { label: "刷新 Reload", act: () => this.reload() },
      { label: "复制链接 Copy link", act: () => this.copyLink() },
      { label: "在新标签页打开 Open in a new tab", act: () => this.stage.openTab(this) },
    ];
    return this.dressed.share ? items : items.filter((_, index) => index !== 1);
  }

  async copyLink() {
    try {
      await navigator.clipboard.writeText(this.entry.own);
      toast(this, "已复制 Copied", { icon: "success" });
    } catch {
      toast(this, this.entry.own);
    }
  }

  /** Load the page it shows anew, in a new frame: the old one's history would stay in the way. */
  reload() {
    if (this.tab) {
      this.tab.location.replace(this.entry.url);
      return;
    }
    this.progress.hidden = !this.dressed.progress;
    const fresh = this.makeFrame();
    this.frame.replaceWith(fresh);
    this.frame = fresh;
    this.depth = this.length = 0;
    fresh.src = this.entry.url;
  }

  /** The back button: the page may keep it for itself; else one page back, else away. */
  async back(force = false) {
    if (!force && this.nav.taps.has("left") && this.nav.state.left?.control) {
      this.nav.tap("left", {});
      return;
    }
    if (!force) {
      const name = this.opened.flavour === "android" ? "backbutton" : "goBack";
      if (await host.push(this.entry, name, {}, true)) return;
    }
    if (this.depth > 0 && !this.dressed.back_native) {
      this.depth -= 1;
      this.going = true;
      history.back(); // of frame and page together
    } else this.close();
  }

  /** Close the view; for a panel `result` is what its opener gets. */
  close(result) {
    this.stage.close(this, result);
  }

  openPanel(url, options) {
    return this.stage.openPanel(this, url, options);
  }

  navigate(kind, options) {
    return this.stage.navigate(this, kind, options);
  }

  /** Take everything away. */
  destroy() {
    host.drop(this.entry);
    this.root.remove();
    if (this.tab && !this.tab.closed) this.tab.close();
  }
}

/** Say in a view's place that something could not be opened. */
export function refusalBox(error) {
  const known = error instanceof ApiError;
  return fill(
    h("div", { class: "page-error", role: "alert" }),
    h("p", {}, known ? error.zh : String(error)),
    h("p", { lang: "en" }, known ? error.en : ""),
    known && error.faq ? h("p", {}, `FAQ ${error.faq}`) : null,
  );
}
