// The apps this member sees.

import { get } from "./api.js";
import { avatar, bi, fill, h } from "./dom.js";

export class Apps {
  constructor(stage) {
    this.stage = stage;
    this.list = h("ul", { class: "apps" });
    this.root = h("section", { class: "pane", "aria-labelledby": "apps-title" }, h("h1", { id: "apps-title" }, bi("工作台", "Workbench")), this.list);
  }

  async load() {
    try {
      const apps = await get("/api/apps");
      fill(this.list, apps.length ? apps.map((app) => this.card(app)) : this.none());
    } catch (error) {
      fill(this.list, h("li", { class: "problem", role: "alert" }, `${error.zh} ${error.en}`));
    }
  }

  card(app) {
    const open = h(
      "button",
      { type: "button", class: "app", disabled: !(app.phone || app.pc), onclick: () => this.stage.open(app) },
      avatar(app.name, app.icon, true),
      h(
        "span",
        { class: "app-text" },
        h("span", { class: "app-name" }, app.name),
        h("small", {}, app.description || (app.phone || app.pc ? "" : "没有主页 no home page")),
        h("small", { class: "quiet" }, `agentid ${app.agent_id}`),
      ),
    );
    return h("li", {}, open);
  }

  none() {
    return h("li", { class: "empty" }, bi("还没有对你可见的应用。", "No app is visible to you yet."));
  }
}
