// Conversations: choosing one, making a group, opening one in the workbench.

import { choose } from "./contacts.js";
import { avatar, CANCEL, dress, h, OK, row, searchable } from "./shared.js";

const CONTACTS = {
  users: true,
  departments: false,
  multiple: true,
  max: 999,
  tips: "",
  start: 1,
  picked: [],
  pickedDepartments: [],
  required: [],
  disabledDepartments: [],
  requiredDepartments: [],
};

/** Let a person choose a conversation, or members for one; resolves to what `finish` takes. */
async function conversation(ctx, params, title) {
  await dress();
  let chosen = null;
  const done = (value) => {
    chosen = value;
    // The page's own button closes it: rows only say what was chosen.
    list.root.closest("[role=dialog]").querySelector(".dialog-buttons .primary").click();
  };
  const list = searchable("搜索会话 Search", (word) =>
    params.conversations
      .filter((each) => each.title.toLowerCase().includes(word))
      .map((each) =>
        row(() => done({ cid: each.cid, title: each.title }), {
          picture: avatar(each.title, "", each.kind === "group"),
          name: each.title,
          note: each.kind === "group" ? `群聊 Group · ${each.count}` : "单聊 Chat",
        }, { "data-cid": each.cid }),
      ),
  );
  const create = params.create
    ? h("button", { type: "button", onclick: () => done({ people: true }) }, "＋ 选择联系人 Choose contacts")
    : null;
  const none = params.conversations.length ? null : h("p", { class: "quiet" }, "还没有会话 No conversation yet");
  await ctx.ui.page({ title, body: h("div", { class: "ability-close" }, create, list.root, none), buttons: [CANCEL], focus: list.box });
  if (!chosen) ctx.cancelled();
  if (chosen.people) {
    const { users } = await choose(ctx, { ...CONTACTS, title: "选择联系人 Choose contacts", disabled: [ctx.desk.userid] });
    return { users };
  }
  if (params.confirm) {
    const { index } = await ctx.ui.dialog({ title: "确认选择 Choose this one?", body: chosen.title, buttons: [CANCEL, OK] });
    if (index !== 1) ctx.cancelled();
  }
  return { cid: chosen.cid };
}

const pick = async (params, ctx) => ctx.finish(await conversation(ctx, params, "选择会话 Choose a conversation"));

const createGroup = async ({ picker }, ctx) => ctx.finish(await choose(ctx, picker));

async function show({ cid }, ctx) {
  await ctx.ui.navigate("conversation", { cid });
  return {};
}

async function showOpen(params, ctx) {
  await show(params, ctx);
  return { success: "true" };
}

async function share(params, ctx) {
  if (params.type === 2) {
    const index = await ctx.ui.sheet(["刷新 Refresh"]);
    if (index < 0) ctx.cancelled();
    ctx.frame.view.reload();
    return {};
  }
  const title = `分享 Share: ${params.title || params.url}`;
  return ctx.finish(await conversation(ctx, params, title));
}

export const abilities = {
  "biz.chat.chooseConversationByCorpId": pick,
  "biz.chat.openSingleChat": show,
  "biz.chat.pickConversation": pick,
  "biz.chat.toConversation": show,
  "biz.chat.toConversationByOpenConversationId": showOpen,
  "biz.contact.createGroup": createGroup,
  "biz.util.share": share,
};
