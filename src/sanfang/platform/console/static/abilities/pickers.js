// Dates, times and lists, with the browser's own fields.

import { ask, CANCEL, field, h, OK, uid } from "./shared.js";

const KINDS = {
  "biz.util.datepicker": { type: "date", format: "yyyy-MM-dd", title: "选择日期 Choose a date" },
  "biz.util.timepicker": { type: "time", format: "HH:mm", title: "选择时间 Choose a time" },
  "biz.util.datetimepicker": { type: "datetime-local", format: "yyyy-MM-dd HH:mm", title: "选择时间 Choose date and time" },
};
const TOKEN = /y{2,4}|M{1,2}|d{1,2}|H{1,2}|h{1,2}|m{1,2}|s{1,2}/g;

const two = (number) => String(number).padStart(2, "0");

/** Write a date as the page asked: yyyy, MM, dd, HH, mm, ss. */
export function written(date, format) {
  const parts = { M: date.getMonth() + 1, d: date.getDate(), H: date.getHours(), h: date.getHours(), m: date.getMinutes(), s: date.getSeconds() };
  return format.replace(TOKEN, (token) => {
    if (token[0] === "y") return String(date.getFullYear()).slice(-token.length);
    const value = parts[token[0]];
    return token.length === 2 ? two(value) : String(value);
  });
}

/** Read a date of that format; null for what is none. */
export function readDate(text, format) {
  const tokens = [];
  const pattern = format.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(TOKEN, (token) => {
    tokens.push(token[0]);
    return token[0] === "y" ? "(\\d{2,4})" : "(\\d{1,2})";
  });
  const match = new RegExp(`^${pattern}$`).exec(String(text).trim());
  if (!match) return null;
  const now = new Date();
  const found = { y: now.getFullYear(), M: now.getMonth() + 1, d: now.getDate(), H: 0, m: 0, s: 0 };
  tokens.forEach((token, index) => (found[token === "h" ? "H" : token] = Number(match[index + 1])));
  const date = new Date(found.y, found.M - 1, found.d, found.H, found.m, found.s);
  return date.getMonth() === found.M - 1 && date.getDate() === found.d ? date : null;
}

function local(date, type) {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return { date: day, time, "datetime-local": `${day}T${time}` }[type];
}

function readInput(input) {
  if (!input.value) return null;
  if (input.type === "time") {
    const [hours, minutes] = input.value.split(":").map(Number);
    const date = new Date();
    date.setHours(hours, minutes, 0, 0);
    return date;
  }
  return new Date(input.type === "date" ? `${input.value}T00:00` : input.value);
}

async function picker(params, ctx) {
  const kind = KINDS[ctx.method];
  const format = params.format || kind.format;
  const start = (params.value && readDate(params.value, format)) || new Date();
  const input = h("input", { type: kind.type, value: local(start, kind.type) });
  await ask(ctx, { title: kind.title, body: field(format, input), buttons: [CANCEL, OK], focus: input });
  const date = readInput(input);
  if (!date) ctx.cancelled();
  return { value: written(date, format) };
}

const timezone = () => -new Date().getTimezoneOffset() / 60;

function moment(given) {
  const date = given === undefined || given === null || given === 0 ? new Date() : new Date(Number(given));
  return Number.isNaN(date.getTime()) ? new Date() : date;
}

async function one(ctx, type, title, given) {
  const input = h("input", { type, value: local(moment(given), type) });
  await ask(ctx, { title, body: field(title, input), buttons: [CANCEL, OK], focus: input });
  const date = readInput(input);
  if (!date) ctx.cancelled();
  return date.getTime();
}

const chooseOneDay = async (params, ctx) => ({
  chosen: await one(ctx, "date", "选择日期 Choose a day", params.default),
  timezone: timezone(),
});

const chooseDateTime = async (params, ctx) => ({
  chosen: await one(ctx, "datetime-local", "选择时间 Choose a moment", params.default),
  timezone: timezone(),
});

async function chooseHalfDay(params, ctx) {
  const start = moment(params.default);
  const day = h("input", { type: "date", value: local(start, "date") });
  const name = uid("half");
  const half = (value, text, on) =>
    h("label", { class: "ability-choice" }, h("input", { type: "radio", name, value, checked: on }), text);
  const halves = h(
    "div",
    { role: "radiogroup", "aria-label": "上午或下午 Morning or afternoon" },
    half("0", "上午 Morning", start.getHours() < 12),
    half("12", "下午 Afternoon", start.getHours() >= 12),
  );
  const body = h("div", {}, field("日期 Day", day), halves);
  await ask(ctx, { title: "选择半天 Choose half a day", body, buttons: [CANCEL, OK], focus: day });
  const date = readInput(day);
  if (!date) ctx.cancelled();
  date.setHours(Number(halves.querySelector("input:checked").value), 0, 0, 0);
  return { chosen: date.getTime(), timezone: timezone() };
}

async function chooseInterval(params, ctx) {
  const from = h("input", { type: "date", value: local(moment(params.defaultStart), "date") });
  const to = h("input", { type: "date", value: local(moment(params.defaultEnd), "date") });
  const body = h("div", {}, field("开始 From", from), field("结束 To", to));
  await ask(ctx, { title: "选择区间 Choose days", body, buttons: [CANCEL, OK], focus: from });
  const days = [readInput(from), readInput(to)];
  if (!days[0] || !days[1]) ctx.cancelled();
  const [start, end] = days.map((day) => day.getTime()).sort((a, b) => a - b);
  return { start, end, timezone: timezone() };
}

function choices(kind, texts, on) {
  const name = uid("choice");
  const inputs = texts.map((text, index) =>
    h("input", { type: kind, name, value: String(index), checked: on(index) }),
  );
  const body = h(
    "div",
    { class: "ability-choices", role: kind === "radio" ? "radiogroup" : "group", "aria-label": "选项 Options" },
    inputs.map((input, index) => h("label", { class: "ability-choice" }, input, texts[index])),
  );
  const found = () => inputs.flatMap((input, index) => (input.checked ? [index] : []));
  return { body, focus: inputs.find((input) => input.checked) || inputs[0], found };
}

async function chosen(params, ctx) {
  const source = params.source.map((each) => ({ key: String(each.key ?? ""), value: String(each.value ?? "") }));
  const selected = params.selectedKey ?? params.key;
  const before = Math.max(source.findIndex((each) => each.key === selected), 0);
  const list = choices("radio", source.map((each) => each.key), (index) => index === before);
  await ask(ctx, { title: "请选择 Choose", body: list.body, buttons: [CANCEL, OK], focus: list.focus });
  return source[list.found()[0]];
}

async function multiSelect(params, ctx) {
  const before = [params.selectOption ?? []].flat().map(String);
  const list = choices("checkbox", params.options, (index) => before.includes(params.options[index]));
  await ask(ctx, { title: "请选择 Choose", body: list.body, buttons: [CANCEL, OK], focus: list.focus });
  return list.found().map((index) => params.options[index]);
}

export const abilities = {
  "biz.calendar.chooseDateTime": chooseDateTime,
  "biz.calendar.chooseHalfDay": chooseHalfDay,
  "biz.calendar.chooseInterval": chooseInterval,
  "biz.calendar.chooseOneDay": chooseOneDay,
  "biz.util.chosen": chosen,
  "biz.util.datepicker": picker,
  "biz.util.datetimepicker": picker,
  "biz.util.multiSelect": multiSelect,
  "biz.util.timepicker": picker,
};
