// Where open apps stand: the toolbar, the device with its stack of pages, panels over it, the log.

import { get } from "./api.js";
import { bi, fill, h } from "./dom.js";
import { Log } from "./log.js";
import { dialog, toast } from "./ui.js";
import { openFrame, refusalBox, View } from "./view.js";

export const FLAVOURS = [
  { id: "android", zh: "安卓", en: "Android" },
  { id: "ios", zh: "苹果", en: "iOS" },
  { id: "pc", zh: "桌面", en: "PC" },
];

export class Stage {
  constructor(desk, { goTo }) {
    this.desk = desk;
    this.goTo = goTo; // to a conversation or another place of the workbench
    this.turn = 0; // of opening: the last one counts
    this.views = []; // the last one is in front
    this.waiting = new Map(); // panel -> how its opener hears of its end
    this.flavour = stored("sanfang-flavour", "android");
    this.log = new Log();
    this.log.beside(this.flavour);
    this.devices = h("div", { class: "devices" });
    this.toolbar = h("div", { class: "toolbar", role: "toolbar", "aria-label": "应用视图 App view" });
    this.root = h(
      "section",
      { class: "stage", "aria-label": "应用 App" },
      this.toolbar,
      h("div", { class: "stage-body" }, this.devices, this.log.root),
    );
    this.drawToolbar();
    this.drawEmpty();
  }

  get front() {
    return this.views.at(-1) || null;
  }

  /** Other places of the workbench cover the stage: the page in front is told, as on a phone. */
  cover(hidden) {
    if (this.root.hidden === hidden) return;
    this.root.hidden = hidden;
    this.front?.push(hidden ? "pause" : "resume");
  }

  drawEmpty() {
    fill(
      this.devices,
      h("div", { class: "empty" }, bi("从左边选一个应用打开", "Choose an app on the left to open it")),
    );
  }

  drawToolbar() {
    const choice = FLAVOURS.map(({ id, zh, en }) =>
      h(
        "label",
        { class: "choice" },
        h("input", {
          type: "radio",
          name: "flavour",
          value: id,
          checked: id === this.flavour,
          onchange: () => this.setFlavour(id),
        }),
        bi(zh, en),
      ),
    );
    const none = this.views.length === 0;
    const button = (zh, en, onclick) => h("button", { type: "button", onclick, disabled: none }, bi(zh, en));
    fill(
      this.toolbar,
      h("fieldset", { class: "choices" }, h("legend", { class: "hidden" }, "客户端 Client"), choice),
      button("刷新", "Reload", () => this.front?.reload()),
      button("新标签页", "New tab", () => this.front && this.openTab(this.front)),
      button("关闭", "Close", () => this.closeAll()),
      this.front?.dressed?.orientation === "auto"
        ? button("旋转", "Rotate", () => this.front.root.classList.toggle("landscape"))
        : null,
      this.log.button(),
    );
  }

  dressed(view) {
    if (view === this.front) this.drawToolbar();
  }

  setFlavour(id) {
    this.flavour = id;
    store("sanfang-flavour", id);
    this.log.beside(id);
    const app = this.app;
    if (app) this.open(app);
  }

  /** Open an app in place of what is open. */
  async open(app, { url = "", conversation = "" } = {}) {
    this.closeAll();
    this.app = app;
    this.log.clear();
    this.turn += 1;
    const { turn } = this;
    try {
      const opened = await openFrame(app.agent_id, this.flavour, { url, conversation });
      if (turn !== this.turn) return; // another one was chosen meanwhile
      this.show(new View(this, opened));
    } catch (error) {
      if (turn === this.turn) fill(this.devices, refusalBox(error));
    }
    this.drawToolbar();
  }

  show(view) {
    const covered = this.front;
    if (!covered) fill(this.devices);
    else if (view.as === "main") {
      covered.push("pause");
      covered.root.hidden = true;
    } else covered.root.inert = true;
    this.views.push(view);
    this.devices.append(view.root);
    view.load();
    this.drawToolbar();
  }

  /** Take a view away, with all that stand on it; the one below comes to the front. */
  close(view, result) {
    const at = this.views.indexOf(view);
    if (at < 0) return;
    for (const gone of this.views.splice(at).reverse()) {
      gone.destroy();
      const settle = this.waiting.get(gone);
      this.waiting.delete(gone);
      if (settle) settle(gone === view ? result : undefined);
    }
    const front = this.front;
    if (front) {
      front.root.hidden = false;
      front.root.inert = false;
      front.push("resume");
    } else {
      this.app = null;
      this.drawEmpty();
    }
    this.drawToolbar();
  }

  closeAll() {
    if (this.views.length) this.close(this.views[0]);
    this.app = null;
    this.drawEmpty();
  }

  /** The same page in a tab of its own, for pages that will not be framed. */
  async openTab(view) {
    const tab = open("about:blank"); // at once, while the click counts
    if (!tab) {
      toast(view, "浏览器拦截了新标签页 The browser blocked the new tab", { icon: "error" });
      return;
    }
    try {
      const opened = await openFrame(view.opened.agent_id, view.opened.flavour, { url: view.entry.url });
      const app = this.app;
      this.closeAll();
      this.app = app;
      this.show(new View(this, opened, { tab }));
    } catch (error) {
      tab.close();
      toast(view, error.message, { icon: "error" });
    }
  }

  /**
   * A panel or dialog with a page in it. Resolves to what the page gives when it closes itself;
   * rejects when a person closes it by the corner.
   */
  async openPanel(parent, url, { mode = "modal", title = "", width = 0, height = 0 } = {}) {
    const agentId = await this.appOf(parent, url);
    if (!agentId) {
      await this.openOutside(parent, url);
      return {};
    }
    const opened = await openFrame(agentId, parent.opened.flavour, { url });
    const view = new View(this, opened, { as: mode === "slide" ? "slide" : "modal", title, width, height });
    return new Promise((resolve, reject) => {
      this.waiting.set(view, (result) => (result === undefined ? reject(new Error("closed")) : resolve(result)));
      this.show(view);
    });
  }

  /** Which app a page belongs to, 0 for none the member has. */
  async appOf(parent, url) {
    const origin = originOf(url);
    if (origin === parent.entry.origin || origin === originOf(parent.entry.own)) return parent.opened.agent_id;
    const apps = await get("/api/apps");
    const found = apps.find((app) => [app.home, app.pc_home].some((home) => home && originOf(home) === origin));
    return found ? found.agent_id : 0;
  }

  /**
   * Go somewhere for a page. kind: open {url}, replace {url}, back, close {result}, conversation
   * {cid}, app {agentId, url}, workbench.
   */
  async navigate(view, kind, { url = "", cid = "", agentId = 0, result } = {}) {
    if (kind === "close") view.close(result);
    else if (kind === "back") await view.back(true);
    else if (kind === "replace") await this.replacePage(view, new URL(url, view.entry.url));
    else if (kind === "open") await this.openPage(view, new URL(url, view.entry.url).href);
    else if (kind === "conversation") this.goTo({ place: "messages", cid });
    else if (kind === "app") {
      const app = (await get("/api/apps")).find((each) => String(each.agent_id) === String(agentId));
      if (!app) throw new Error(`no app ${agentId}`);
      const opened = await openFrame(app.agent_id, view.opened.flavour, { url });
      this.show(new View(this, opened));
    } else if (kind === "workbench") this.goTo({ place: "apps" });
  }

  async replacePage(view, target) {
    if (target.origin === originOf(view.entry.own)) {
      view.goOn(view.entry.origin + target.pathname + target.search + target.hash);
    } else if (target.origin === view.entry.origin) view.goOn(target.href);
    else {
      await this.openPage(view, target.href); // another app's, or nobody's
    }
  }

  async openPage(view, url) {
    const agentId = await this.appOf(view, url);
    if (!agentId) return this.openOutside(view, url);
    const opened = await openFrame(agentId, view.opened.flavour, { url });
    return this.show(new View(this, opened));
  }

  /** An address of no app: a browser's tab, which a person opens with a link when it was blocked. */
  async openOutside(view, url) {
    if (!/^https?:/i.test(url)) throw new Error("only http and https can be opened");
    const link = h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url);
    await dialog(view, {
      title: "打开外部链接 Open an outside link",
      body: [h("p", {}, bi("这个地址不属于任何微应用：", "This address is no micro-app's:")), h("p", { class: "wrap" }, link)],
      buttons: ["关闭 Close"],
      focus: link,
    });
  }

  clicked(view) {
    // A click outside a slide panel closes it, as in the desktop client.
    const front = this.front;
    if (front !== view && front?.as === "slide") front.close();
  }
}

function originOf(url) {
  try {
    return new URL(url).origin;
  } catch {
    return "";
  }
}

function stored(key, fallback) {
  try {
    const found = localStorage.getItem(key);
    return FLAVOURS.some((each) => each.id === found) ? found : fallback;
  } catch {
    return fallback;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds until the page is left.
  }
}
