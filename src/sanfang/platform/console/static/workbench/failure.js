// One failure, explained: what the page sent beside what the platform has, what differs, why, what to do.

import { bi, h } from "./dom.js";

const NAMES = {
  sent: bi.bind(null, "页面发来的", "the page sent"),
  computed: bi.bind(null, "平台计算的", "the platform has"),
};

/**
 * @param {string} method the call that failed
 * @param {object} answer error {errorCode, errorMessage}, report {code, sent, computed, differs, zh, en, faq}
 */
export function failureCard(method, { error, report }) {
  const differs = report.differs || [];
  return h(
    "article",
    { class: "failure", "data-code": String(report.code) },
    h("h3", {}, h("code", {}, method), " ", h("strong", { class: "bad" }, String(report.code))),
    h("p", { class: "wrap quiet" }, `errorCode ${error.errorCode}: ${error.errorMessage}`),
    h("p", { class: "cause", lang: "zh-CN" }, report.zh || ""),
    h("p", { class: "cause", lang: "en" }, report.en || ""),
    differs.length ? differences(differs, report) : null,
    report.sent || report.computed ? comparison(report.sent || {}, report.computed || {}) : null,
    report.faq ? faqLink(report.faq) : null,
    copyButton({ method, error, report }),
  );
}

function differences(found, report) {
  return h(
    "section",
    { class: "differs" },
    h("h4", {}, bi("不同之处", "What differs")),
    found.map((each) =>
      h(
        "div",
        { class: "differ" },
        h("strong", {}, String(each.field)),
        h("dl", {}, pair("页面 page", each.sent), pair("应为 expected", each.expected)),
        each.zh && each.zh !== report.zh ? h("p", { lang: "zh-CN" }, each.zh) : null,
        each.en && each.en !== report.en ? h("p", { lang: "en" }, each.en) : null,
      ),
    ),
  );
}

function pair(name, value) {
  return [h("dt", {}, name), h("dd", { class: "wrap" }, show(value) || "(空 empty)")];
}

// What differs most often stands first.
const ORDER = ["url", "string", "signature", "nonceStr", "timeStamp", "tickets", "agentId", "corpId"];

/** Two columns, a row for each field either side knows. */
function comparison(sent, all) {
  const { urls, ...computed } = all;
  if (urls) computed.url = urls;
  const fields = [...new Set([...ORDER, ...Object.keys(sent), ...Object.keys(computed)])].filter(
    (field) => field in sent || field in computed,
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": "对照 side by side" },
    h(
      "table",
      { class: "side-by-side" },
      h(
        "thead",
        {},
        h("tr", {}, h("td", {}), h("th", { scope: "col" }, NAMES.sent()), h("th", { scope: "col" }, NAMES.computed())),
      ),
      h(
        "tbody",
        {},
        fields.map((field) =>
          h("tr", {}, h("th", { scope: "row" }, field), cell(show(sent[field])), answerTo(field, sent, computed)),
        ),
      ),
    ),
  );
}

function cell(text) {
  return h("td", { class: "wrap" }, text);
}

// The platform has none of its own: it signs with the page's.
const AS_SENT = ["nonceStr", "timeStamp"];

/** The platform's side of a row; a value that is the page's as well is not said twice. */
function answerTo(field, sent, computed) {
  const text = show(computed[field]);
  if (text && text === show(sent[field])) return h("td", { class: "same" }, bi("= 相同", "same"));
  if (AS_SENT.includes(field) && show(sent[field])) return h("td", { class: "same" }, bi("照页面的算", "taken as sent"));
  return cell(text);
}

function show(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(show).join("\n");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name}: ${/_at$/.test(name) && each ? new Date(each).toLocaleString("zh-CN", { hour12: false }) : show(each)}`)
    .join("\n");
}

/** The row of the FAQ, opened in place. */
function faqLink(row) {
  const body = h("div", {});
  return h(
    "details",
    {
      class: "faq",
      ontoggle: async () => {
        if (body.childElementCount) return;
        const { FAQ } = await import("./faq.js");
        const [symptom, causes] = FAQ[row] || ["", []];
        body.append(h("p", {}, symptom), h("ul", {}, causes.map((each) => h("li", {}, each))));
      },
    },
    h("summary", {}, `FAQ ${row}`),
    body,
  );
}

/** Everything in the card as JSON, to be sent to whoever can help. */
function copyButton(what) {
  const button = h(
    "button",
    {
      type: "button",
      class: "small",
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(JSON.stringify(what, null, 2));
          button.replaceChildren(bi("已复制", "Copied"));
        } catch {
          button.replaceChildren(bi("浏览器不让复制", "The browser does not let us"));
        }
      },
    },
    bi("复制为 JSON", "Copy as JSON"),
  );
  return button;
}
