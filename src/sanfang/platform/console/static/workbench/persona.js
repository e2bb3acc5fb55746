// The switcher of personas: who one is, who one could be, and the way out.

import { post } from "./api.js";
import { bi, h } from "./dom.js";
import { chooser } from "./signin.js";

/** Open it as a dialog over the page. */
export function openPersona(desk, { left, changed }) {
  const problem = h("p", { class: "problem", role: "alert" });
  const enter = async (corp_id, userid) => {
    try {
      await post("/api/desk", { corp_id, userid });
      changed();
    } catch (error) {
      problem.textContent = `${error.zh} ${error.en}`;
    }
  };
  const box = h(
    "dialog",
    { class: "persona", "aria-labelledby": "persona-title", onclose: () => box.remove() },
    h(
      "div",
      { class: "persona-head" },
      h("h2", { id: "persona-title" }, bi("切换身份", "Switch persona")),
      h("button", { type: "button", class: "icon", "aria-label": "关闭 Close", onclick: () => box.close() }, "✕"),
    ),
    desk.sandbox
      ? chooser(enter, problem, { current: desk })
      : h("p", {}, bi("只有沙箱可以切换身份。", "Only a sandbox lets one switch.")),
    problem,
    h("div", { class: "dialog-buttons" }, h("button", { type: "button", onclick: left }, bi("退出登录", "Sign out"))),
  );
  document.body.append(box);
  box.showModal();
  box.querySelector("input")?.focus();
}
