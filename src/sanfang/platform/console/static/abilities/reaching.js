// DING, telephone, clipboard. Nobody is really called: the server notes it in the message log.

import { ask, avatar, CANCEL, field, h, OK } from "./shared.js";

function receivers(people) {
  return h("ul", { class: "ability-people" }, people.map((each) => h("li", {}, avatar(each.name, each.avatar), " ", each.name)));
}

async function ding(params, ctx) {
  const text = h("textarea", { rows: "4", maxlength: "2000" });
  text.value = params.text;
  const { attachment } = params;
  const hung = attachment && (attachment.title || attachment.url || `${attachment.images.length} 张图片 pictures`);
  const body = h(
    "div",
    {},
    receivers(params.receivers),
    field("内容 Text", text),
    h("p", { class: "quiet" }, `${params.alert}提醒${params.at ? ` · ${params.at}` : ""}`),
    hung ? h("p", { class: "quiet" }, `附件 Attachment: ${hung}`) : null,
  );
  await ask(ctx, { title: "DING", body, buttons: [CANCEL, "发送 Send"], focus: text });
  const result = await ctx.finish({ text: text.value });
  ctx.ui.toast("已发送 DING sent", { icon: "success", duration: 1 });
  return result;
}

async function call(params, ctx) {
  await ask(ctx, {
    title: "电话 Call",
    body: receivers(params.receivers),
    buttons: [CANCEL, "呼叫 Call"],
  });
  return ctx.finish({});
}

async function showCallMenu({ phoneNumber, code = "+86", showDingCall = true }, ctx) {
  const items = ["普通电话 Phone", ...(showDingCall ? ["钉钉电话 Office call"] : [])];
  const index = await ctx.ui.sheet(items, CANCEL, { title: `${code} ${phoneNumber}` });
  if (index < 0) ctx.cancelled();
  return {};
}

/** Browsers give the clipboard to a page that is looked at; where not, a person copies it. */
async function setData({ text }, ctx) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { rows: "4", readonly: true });
    area.value = text;
    area.addEventListener("focus", () => area.select());
    await ask(ctx, { title: "复制 Copy", body: field("文本 Text", area), buttons: [OK], focus: area });
  }
  return {};
}

export const abilities = {
  "biz.clipboardData.setData": setData,
  "biz.ding.create": ding,
  "biz.ding.post": ding,
  "biz.telephone.call": call,
  "biz.telephone.showCallMenu": showCallMenu,
};
