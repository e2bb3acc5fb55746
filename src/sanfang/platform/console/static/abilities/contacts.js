// Choosing members, departments and roles. The server says what may be chosen and makes the result;
// here a person looks through the corp's contacts.

import { avatar, CANCEL, dress, entry, field, fill, h, OK, refocus, row, searchable } from "./shared.js";

const TOO_MANY = (most) => `最多选择 ${most} 个 At most ${most}`;

/** Let a person choose; resolves to {users, departments} (ids). */
export async function choose(ctx, picker) {
  await dress();
  const state = new Chosen(ctx, picker);
  return picker.people ? fromList(ctx, picker, state) : fromContacts(ctx, picker, state);
}

/** What is chosen so far, within the picker's limits. */
class Chosen {
  constructor(ctx, picker) {
    Object.assign(this, { ctx, picker });
    this.users = new Map(picker.picked.map((each) => [each.userid, each]));
    this.departments = new Map(picker.pickedDepartments.map((each) => [String(each.id), each]));
    this.count = h("span", { class: "ability-count ability-chosen", "aria-live": "polite" });
    this.tell();
  }

  get size() {
    return this.users.size + this.departments.size;
  }

  blocked(kind, id) {
    const { picker } = this;
    if (kind === "users") return picker.disabled.includes(id) || picker.required.includes(id);
    return [...picker.disabledDepartments, ...picker.requiredDepartments].map(String).includes(id);
  }

  /** Take one in or out; false where the limit is reached. */
  toggle(kind, id, thing) {
    const held = this[kind];
    if (held.has(id)) held.delete(id);
    else if (!this.picker.multiple) {
      this.users.clear();
      this.departments.clear();
      held.set(id, thing);
    } else if (this.size >= this.picker.max) {
      this.ctx.ui.toast(this.picker.tips || TOO_MANY(this.picker.max), { icon: "warn" });
      return false;
    } else held.set(id, thing);
    this.tell();
    return true;
  }

  tell() {
    const names = [...this.users.values(), ...this.departments.values()].map((each) => each.name);
    this.count.textContent = names.length ? `已选 ${names.length}：${names.slice(0, 3).join("、")}` : "未选择 Nothing chosen";
  }

  get answer() {
    return { users: [...this.users.keys()], departments: [...this.departments.keys()] };
  }
}

/** A row with a box: one that can be chosen. */
function box(state, kind, id, thing, parts, redraw) {
  const type = state.picker.multiple ? "checkbox" : "radio";
  const input = h("input", {
    type,
    name: `pick-${kind}`,
    value: id,
    checked: state[kind].has(id),
    disabled: state.blocked(kind, id),
    onchange: () => {
      if (!state.toggle(kind, id, thing)) input.checked = false;
      if (!state.picker.multiple) redraw(input);
    },
  });
  return h("label", { class: "ability-row" }, input, entry(parts));
}

function member(state, each, redraw, note = "") {
  const parts = { picture: avatar(each.name, each.avatar), name: each.name, note: [each.title, note].filter(Boolean).join(" · ") };
  return h("li", {}, box(state, "users", each.userid, each, parts, redraw));
}

async function finish(ctx, state, options) {
  const { index } = await ctx.ui.page({
    ...options,
    title: state.picker.title,
    buttons: [CANCEL, OK],
  });
  if (index !== 1) ctx.cancelled();
  if (!state.size) ctx.cancelled();
  return state.answer;
}

function fromList(ctx, picker, state) {
  const list = searchable("搜索 Search", (word) =>
    picker.people
      .filter((each) => `${each.name} ${each.userid}`.toLowerCase().includes(word))
      .map((each) => member(state, each, () => list.draw(), picker.company)),
  );
  return finish(ctx, state, { body: h("div", {}, list.root, state.count), focus: list.box });
}

async function fromContacts(ctx, picker, state) {
  const trail = h("nav", { class: "ability-trail", "aria-label": "部门 Departments" });
  const list = h("ul", { class: "ability-list" });
  const word = h("input", { type: "search", class: "ability-search", placeholder: "搜索 Search", "aria-label": "搜索 Search" });
  let asked = 0;

  const only = (input) => {
    for (const each of list.querySelectorAll("input")) each.checked = each === input;
  };
  const people = (found) => (picker.users ? found.map((each) => member(state, each, only)) : []);

  function department(each) {
    const id = String(each.id);
    const parts = { picture: h("span", { class: "ability-folder", "aria-hidden": "true" }, "▤"), name: each.name };
    const enter = h(
      "button",
      { type: "button", class: "ability-enter", "aria-label": `${each.name} 下级 Open`, onclick: () => show(each.id) },
      `${each.number ?? ""} ›`,
    );
    if (!picker.departments) return row(() => show(each.id), { ...parts, end: h("span", {}, "›") });
    return h("li", { class: "ability-both" }, box(state, "departments", id, { id, name: each.name }, parts, only), enter);
  }

  async function show(id, offset = 0) {
    asked += 1;
    const mine = asked;
    const found = await ctx.get(`/api/contacts/departments/${id}?offset=${offset}`);
    if (mine !== asked) return;
    word.value = "";
    fill(
      trail,
      ...found.path.map((each) => h("button", { type: "button", onclick: () => show(each.id) }, each.name)),
    );
    const shown = people(found.members);
    if (found.more) shown.push(row(() => more(id, offset + found.members.length), { name: "更多 More" }));
    if (offset) list.lastChild.remove();
    else fill(list);
    list.append(...(offset ? [] : found.departments.map(department)), ...shown);
    if (!list.childElementCount) list.append(h("li", { class: "quiet" }, "没有可选的人 Nobody to choose"));
    refocus(list, word);
  }
  const more = (id, offset) => show(id, offset);

  async function search() {
    const text = word.value.trim();
    asked += 1;
    const mine = asked;
    if (!text) return show(picker.start);
    const found = await ctx.get(`/api/contacts/search?q=${encodeURIComponent(text)}`);
    if (mine !== asked) return undefined;
    fill(trail);
    const departments = picker.departments ? (found.departments || []).map(department) : [];
    fill(list, ...departments, ...people(found.members));
    if (!list.childElementCount) list.append(h("li", { class: "quiet" }, "没有找到 Nothing found"));
    return undefined;
  }

  word.addEventListener("input", search);
  await show(picker.start);
  return finish(ctx, state, { body: h("div", {}, word, trail, list, state.count), focus: word });
}

const pick = async ({ picker }, ctx) => ctx.finish(await choose(ctx, picker));

async function rolesPicker(params, ctx) {
  await dress();
  const held = new Set();
  const toggle = (id, input) => {
    if (held.delete(id)) return;
    if (held.size < params.max) held.add(id);
    else {
      input.checked = false;
      ctx.ui.toast(params.tips || TOO_MANY(params.max), { icon: "warn" });
    }
  };
  const list = searchable("搜索 Search", (word) =>
    params.roles
      .filter((each) => each.name.toLowerCase().includes(word))
      .map((each) => {
        const input = h("input", { type: "checkbox", value: each.id, checked: held.has(each.id), onchange: () => toggle(each.id, input) });
        return h("li", {}, h("label", { class: "ability-row" }, input, entry({ name: each.name, note: each.group })));
      }),
  );
  const { index } = await ctx.ui.page({ title: params.title, body: list.root, buttons: [CANCEL, OK], focus: list.box });
  if (index !== 1 || !held.size) ctx.cancelled();
  return ctx.finish({ roles: [...held] });
}

/** The phone's own address book is the simulator's: names and numbers a person types. */
async function chooseMobileContacts(params, ctx) {
  await dress();
  const most = params.multiple === false ? 1 : Math.min(Math.max(params.maxUsers || 50, 1), 200);
  const area = h("textarea", { rows: "5", placeholder: "张三 13800000000" });
  area.value = "张三 13800000001\n李四 13800000002";
  const body = h("div", {}, h("p", {}, "模拟的手机通讯录：每行一个姓名和号码。 The simulated phone book: a name and a number in each line."), field("联系人 Contacts", area));
  const { index } = await ctx.ui.dialog({ title: params.title || "选择手机联系人", body, buttons: [CANCEL, OK], focus: area });
  const lines = area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  if (index !== 1 || !lines.length) ctx.cancelled();
  if (lines.length > most) ctx.ui.toast(params.limitTips || TOO_MANY(most), { icon: "warn" });
  return lines.slice(0, most).map((line) => {
    const [, name, mobile] = /^(.*?)\s*([\d+-]*)$/.exec(line);
    return { name: name || mobile, mobile, mediaId: "" };
  });
}

export const abilities = {
  "biz.contact.choose": pick,
  "biz.contact.chooseMobileContacts": chooseMobileContacts,
  "biz.contact.complexChoose": pick,
  "biz.contact.complexPicker": pick,
  "biz.contact.departmentsPicker": pick,
  "biz.contact.rolesPicker": rolesPicker,
  "biz.customContact.choose": pick,
  "biz.customContact.multipleChoose": pick,
};
