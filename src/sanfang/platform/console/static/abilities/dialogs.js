// Dialogs, toasts and sheets. Texts are the page's; nothing of them becomes markup.

import { CANCEL, dress, field, h, OK, safeUrl } from "./shared.js";

function labels(params, fallback) {
  const given = params.buttonLabels;
  return Array.isArray(given) && given.length ? given : fallback;
}

async function alert(params, { ui }) {
  await ui.dialog({ title: params.title, body: params.message ?? "", buttons: [params.buttonName || OK], escape: 0 });
  return {};
}

async function confirm(params, { ui }) {
  const buttons = labels(params, [CANCEL, OK]);
  const { index } = await ui.dialog({ title: params.title, body: params.message ?? "", buttons, escape: 0 });
  return { buttonIndex: index };
}

async function prompt(params, { ui }) {
  await dress();
  const input = h("input", { type: "text", value: params.defaultText ?? "" });
  const buttons = labels(params, [CANCEL, OK]);
  const body = field(params.message ?? "", input);
  const { index } = await ui.dialog({ title: params.title, body, buttons, focus: input, escape: 0 });
  return { buttonIndex: index, value: input.value };
}

async function plain(params, ctx) {
  await dress();
  const input = h("textarea", { rows: "4", placeholder: params.placeholder ?? "" });
  input.value = params.text ?? "";
  const body = field(params.placeholder || "输入 Input", input);
  const { index } = await ctx.ui.dialog({ body, buttons: [CANCEL, "发送 Send"], focus: input, label: "输入 Input" });
  if (index !== 1) ctx.cancelled();
  return { text: input.value };
}

function toast(params, ctx) {
  const icon = params.type || (params.icon === true ? "success" : params.icon) || "";
  const times = { duration: params.duration ?? 3, delay: params.delay ?? 0 };
  ctx.ui.toast(params.text ?? "toast", { icon: String(icon), ...times });
  return {};
}

function showPreloader(params, { ui, signal }) {
  ui.spinner(true, params.text ?? "");
  signal.addEventListener("abort", () => ui.spinner(false), { once: true });
  return {};
}

function hidePreloader(_params, { ui }) {
  ui.spinner(false);
  return {};
}

function vibrate(params, { ui }) {
  const duration = Math.min(Math.max(Number(params.duration) || 300, 0), 5000);
  if (navigator.vibrate) navigator.vibrate(duration);
  ui.toast(`振动 Vibrating ${duration} ms`, { duration: 1 });
  return {};
}

async function actionSheet(params, { ui }) {
  const index = await ui.sheet(params.otherButtons ?? [], params.cancelButton || CANCEL, { title: params.title ?? "" });
  return { buttonIndex: index };
}

function cell({ image, title, content }) {
  const source = image && safeUrl(image);
  return h(
    "div",
    { class: "ability-cell" },
    source ? h("img", { src: source, alt: "", referrerpolicy: "no-referrer" }) : null,
    title ? h("h4", {}, String(title)) : null,
    content ? h("p", {}, String(content)) : null,
  );
}

async function modal(params, { ui }) {
  await dress();
  const cells = Array.isArray(params.cells) && params.cells.length ? params.cells : [params];
  const banner = Array.isArray(params.banner) ? params.banner.map((image) => ({ image })) : [];
  const body = h("div", { class: "ability-cells" }, [...banner, ...cells].map(cell));
  const buttons = labels(params, [OK]).slice(0, 2);
  const { index } = await ui.dialog({ body, buttons, label: String(cells[0].title || "提示 Notice") });
  return { buttonIndex: index };
}

export const abilities = {
  "device.notification.actionSheet": actionSheet,
  "device.notification.alert": alert,
  "device.notification.confirm": confirm,
  "device.notification.extendModal": modal,
  "device.notification.hidePreloader": hidePreloader,
  "device.notification.modal": modal,
  "device.notification.prompt": prompt,
  "device.notification.showPreloader": showPreloader,
  "device.notification.toast": toast,
  "device.notification.vibrate": vibrate,
  "ui.input.plain": plain,
};
