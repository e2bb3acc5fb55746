// Pages, apps and people that a page opens.

import { avatar, dress, h } from "./shared.js";
import { webAddress } from "./navigation.js";

async function openLink({ url }, ctx) {
  const address = webAddress(url, ctx);
  ctx.ui.navigate("open", { url: address }).catch((error) => ctx.ui.toast(error.message, { icon: "error" }));
  return {};
}

const SIZES = { mini: [320, 240], small: [400, 320], middle: [560, 420], big: [800, 600], large: [960, 640] };

/** Resolves to what the page in it gives to `navigation.quit`; closed by a person it has failed. */
async function panel(ctx, url, options) {
  const address = webAddress(url, ctx);
  try {
    return await ctx.ui.panel.open(address, options);
  } catch (error) {
    if (error.message === "closed") return ctx.cancelled();
    throw error;
  }
}

function openModal({ url, title = "", size = "middle" }, ctx) {
  const [width, height] = SIZES[size] || SIZES.middle;
  return panel(ctx, url, { mode: "modal", title, width, height });
}

const openSlidePanel = ({ url, title = "" }, ctx) => panel(ctx, url, { mode: "slide", title });

async function invokeWorkbench(params, ctx) {
  const url = params.app_url || params.app_info?.app_url || params.url || "";
  if (url) await openLink({ url }, ctx);
  else ctx.ui.navigate("workbench");
  return { result: {} };
}

async function openApp({ agent_id: agentId }, ctx) {
  await ctx.ui.navigate("app", { agentId });
  return { result: 1 };
}

function line(name, value) {
  return value ? [h("dt", {}, name), h("dd", {}, value)] : [];
}

async function profile(person, ctx) {
  const body = h(
    "div",
    { class: "ability-profile" },
    avatar(person.name, person.avatar),
    h("h3", {}, person.name),
    h(
      "dl",
      {},
      line("职位 Title", person.title),
      line("部门 Departments", person.departments.join("、")),
      line("手机 Mobile", person.mobile),
      line("邮箱 E-mail", person.email),
      line("工号 Job number", person.jobnumber),
    ),
  );
  const { index } = await ctx.ui.page({ title: "个人资料 Profile", body, buttons: [] });
  return index;
}

const NOTICES = {
  call: "呼叫 Call",
  chat: "群聊 Chat",
  contactAdd: "添加同事 Add a colleague",
  friendAdd: "添加好友 Add a friend",
};

async function open(params, ctx) {
  await dress();
  if (params.view === "profile") await profile(params.person, ctx);
  else if (params.cid) await ctx.ui.navigate("conversation", { cid: params.cid });
  else {
    const people = (params.people || []).map((each) => h("li", {}, avatar(each.name), " ", each.name));
    const body = people.length ? h("ul", { class: "ability-people" }, people) : "这一页由钉钉客户端提供。 The client has a page for this.";
    await ctx.ui.dialog({ title: NOTICES[params.view], body });
  }
  return {};
}

export const abilities = {
  "biz.microApp.openApp": openApp,
  "biz.util.invokeWorkbench": invokeWorkbench,
  "biz.util.open": open,
  "biz.util.openLink": openLink,
  "biz.util.openModal": openModal,
  "biz.util.openSlidePanel": openSlidePanel,
};
