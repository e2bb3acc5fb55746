// The title bar and the stack of pages. Taps on what a page watches reach it again and again.

import { dress, h } from "./shared.js";

/** Taps of one kind go to this call from now on; null: to nobody. */
function hear(ctx, kind, wanted, event) {
  const pc = ctx.frame.flavour === "pc";
  ctx.ui.nav.on(kind, wanted ? (data) => (pc && event ? ctx.push(event, data) : ctx.again(data)) : null);
}

function setTitle({ title = "" }, ctx) {
  ctx.ui.nav.set({ title });
  return {};
}

function setLeft({ show = true, control = false, text = "" }, ctx) {
  ctx.ui.nav.set({ left: { show, control, text } });
  hear(ctx, "left", control, "leftBtnClick");
  return {};
}

function setRight({ show = true, control = false, text = "" }, ctx) {
  ctx.ui.nav.set({ right: { show, control, text: text || "…" } });
  hear(ctx, "right", control, "rightBtnClick");
  return {};
}

function setMenu({ items }, ctx) {
  const menu = items.map(({ id, text, iconId }) => ({ id: String(id ?? ""), text: String(text ?? ""), iconId: String(iconId ?? "") }));
  ctx.ui.nav.set({ menu });
  hear(ctx, "menu", true);
  return {};
}

function setIcon({ showIcon = true, iconIndex = 1 }, ctx) {
  ctx.ui.nav.set({ icon: { show: showIcon, iconIndex } });
  hear(ctx, "icon", true);
  return {};
}

/** What closes the page is done after the answer has gone out: a closed page hears nothing. */
function soon(act) {
  setTimeout(() => Promise.resolve(act()).catch((error) => console.error(error)));
  return {};
}

const close = (_params, { ui }) => soon(() => ui.navigate("close"));
const goBack = (_params, { ui }) => soon(() => ui.navigate("back"));

/** Panels hand `message` to the page that opened them. */
function quit(params, { ui }) {
  const { watch, ...given } = params;
  return soon(() => ui.navigate("close", { result: given.message ?? given }));
}

function replace({ url }, ctx) {
  webAddress(url, ctx);
  return soon(() => ctx.ui.navigate("replace", { url }));
}

function navigateToPage({ url }, ctx) {
  webAddress(url, ctx);
  return soon(() => ctx.ui.navigate("open", { url }));
}

/** Fail with "2" for what is no page: scripts and other schemes open nothing. */
export function webAddress(url, ctx) {
  let found;
  try {
    found = new URL(url, ctx.frame.url);
  } catch {
    found = null;
  }
  if (!found || !/^https?:$/.test(found.protocol)) {
    ctx.fail("2", "参数无效: url 应为 http 或 https 的地址 / invalid parameter: url should be an http or https address");
  }
  return found.href;
}

const pulls = new WeakMap();

/** Pulling needs a finger; here it is a button over the page while the page wants it. */
async function enablePull(_params, ctx) {
  await dress();
  const { view } = ctx.frame;
  disablePull({}, ctx);
  const button = h(
    "button",
    { type: "button", class: "ability-float", onclick: () => view.push("pullToRefresh", {}) },
    "↓ 下拉刷新 Pull to refresh",
  );
  pulls.set(view, button);
  view.body.append(button);
  ctx.signal.addEventListener("abort", () => button.remove(), { once: true });
  return {};
}

function disablePull(_params, ctx) {
  pulls.get(ctx.frame.view)?.remove();
  pulls.delete(ctx.frame.view);
  return {};
}

export const abilities = {
  "biz.navigation.close": close,
  "biz.navigation.goBack": goBack,
  "biz.navigation.navigateBackPage": goBack,
  "biz.navigation.navigateToPage": navigateToPage,
  "biz.navigation.quit": quit,
  "biz.navigation.replace": replace,
  "biz.navigation.setIcon": setIcon,
  "biz.navigation.setLeft": setLeft,
  "biz.navigation.setMenu": setMenu,
  "biz.navigation.setRight": setRight,
  "biz.navigation.setTitle": setTitle,
  "ui.pullToRefresh.disable": disablePull,
  "ui.pullToRefresh.enable": enablePull,
  "ui.pullToRefresh.stop": () => ({}),
};
