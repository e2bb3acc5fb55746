// Messages as elements, one way for each kind. All of it is text and checked addresses.

import { avatar, bi, h, pictureUrl, safeUrl } from "./dom.js";
import { readLink } from "./links.js";
import { markdown } from "./markdown.js";

/** A message: who, when, and what in its own form. */
export function bubble(item, desk, { open }) {
  const link = (url, ...content) => anchor(url, open, ...content);
  const { author, mine } = item;
  const draw = KINDS[item.type] || KINDS.unknown;
  const wide = !["text", "image", "voice", "recalled"].includes(item.type);
  return h(
    "article",
    { class: `message${mine ? " mine" : ""}`, "data-id": item.id, "data-type": item.type },
    avatar(author.name, "", author.kind !== "member"),
    h(
      "div",
      { class: "message-body" },
      h(
        "p",
        { class: "message-head" },
        h("span", {}, author.name),
        author.kind === "robot" ? h("span", { class: "tag" }, "机器人 robot") : null,
        h("time", { datetime: new Date(item.at).toISOString() }, ` ${new Date(item.at).toLocaleString("zh-CN", { hour12: false })}`),
      ),
      h("div", { class: `bubble ${wide ? "card" : ""}` }, draw(item.data, link, item)),
      mine && !item.recalled ? reading(item) : null,
    ),
  );
}

function reading(item) {
  const all = item.read;
  const [zh, en] = all ? ["已读", "read"] : [`${item.read_count}/${item.receiver_count} 已读`, "read"];
  return h("p", { class: "reading" }, bi(zh, en));
}

/** A link that opens a micro-app's page in the workbench, anything else in a tab of its own. */
function anchor(url, open, ...content) {
  const wish = readLink(url);
  if (!wish) return h("span", {}, content);
  const href = wish.url && safeUrl(wish.url);
  const go = () => open(url).then((shown) => shown || !href || window.open(href, "_blank", "noopener"));
  if (!href) return h("button", { type: "button", class: "as-link", onclick: go }, content);
  return h(
    "a",
    {
      href,
      target: "_blank",
      rel: "noopener noreferrer",
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go();
      },
    },
    content,
  );
}

function picture(source, className = "picture", alt = "") {
  const src = pictureUrl(source);
  if (!src) return null;
  const image = h("img", {
    class: className,
    src,
    alt,
    loading: "lazy",
    referrerpolicy: "no-referrer",
    // What cannot be shown says so; an empty frame says nothing.
    onerror: () => image.replaceWith(h("span", { class: "quiet" }, bi("图片无法显示", "picture unavailable"))),
  });
  return image;
}

function colour(text) {
  return /^[0-9a-f]{8}$/i.test(text || "") ? `#${text.slice(2)}` : "";
}

const KINDS = {
  text: (data) => {
    const mentions = [data.at_all ? "@所有人" : "", ...(data.at || []).map((each) => `@${each}`)].filter(Boolean);
    return h("p", { class: "wrap" }, data.content, mentions.length ? h("span", { class: "quiet" }, ` ${mentions.join(" ")}`) : null);
  },
  image: (data) => picture(data.url || data.media_id, "picture", "图片 Picture") || KINDS.unknown({ msgtype: "image" }),
  voice: (data) => [
    h("audio", { controls: true, preload: "none", src: pictureUrl(data.media_id), "aria-label": "语音 Voice" }),
    data.duration ? h("small", {}, ` ${data.duration > 1000 ? Math.round(data.duration / 1000) : data.duration}″`) : null,
  ],
  video: (data) =>
    h("video", { controls: true, preload: "none", src: pictureUrl(data.media_id), poster: pictureUrl(data.picture) || null, "aria-label": "视频 Video" }),
  file: (data) =>
    h(
      "a",
      { class: "file", href: pictureUrl(data.media_id) || null, download: data.name || "" },
      h("span", { class: "file-kind", "aria-hidden": "true" }, (data.kind || data.name.split(".").pop() || "file").slice(0, 4)),
      h("span", { class: "wrap" }, data.name || "文件 File"),
    ),
  link: (data, link) =>
    link(
      data.url,
      h("span", { class: "link-card" }, h("span", { class: "link-text" }, h("strong", { class: "wrap" }, data.title), h("span", { class: "wrap quiet" }, data.text)), picture(data.picture, "thumb")),
    ),
  oa: oaCard,
  markdown: (data, link) => h("div", { class: "markdown" }, markdown(data.text, link)),
  action_card: (data, link) => [
    h("div", { class: "markdown" }, markdown(data.text, link)),
    h(
      "div",
      { class: `card-buttons${data.vertical ? " vertical" : ""}` },
      data.buttons.map((button) => link(button.url, h("span", { class: "card-button" }, button.title))),
    ),
  ],
  feed_card: (data, link) =>
    h(
      "ul",
      { class: "feed" },
      data.links.map((each) => h("li", {}, link(each.url, h("span", { class: "link-card" }, h("span", { class: "link-text wrap" }, each.title), picture(each.picture, "thumb"))))),
    ),
  template: (data) => [h("p", { class: "quiet" }, `模板 template ${data.template_id}`), form(data.form)],
  recalled: () => h("p", { class: "quiet" }, bi("消息已撤回", "The message was taken back")),
  unknown: (data) => h("p", { class: "quiet" }, bi(`不认识的消息类型 ${data.msgtype || ""}`, "unknown kind of message")),
};

function oaCard(data, link) {
  return h(
    "div",
    { class: "oa" },
    h("p", { class: "oa-head", style: colour(data.colour) ? { "--head": colour(data.colour) } : {} }, data.head),
    link(
      data.url || data.pc_url,
      h(
        "span",
        { class: "oa-body" },
        data.title ? h("strong", { class: "wrap" }, data.title) : null,
        data.status?.text ? h("span", { class: "tag" }, data.status.text) : null,
        form(data.form),
        data.rich?.num ? h("span", { class: "oa-rich" }, data.rich.num, h("small", {}, data.rich.unit)) : null,
        data.content ? h("span", { class: "wrap" }, data.content) : null,
        picture(data.image),
        data.file_count ? h("small", {}, `📎 ${data.file_count}`) : null,
        data.author ? h("small", {}, data.author) : null,
      ),
    ),
  );
}

function form(rows) {
  return rows && rows.length
    ? h("dl", { class: "oa-form" }, rows.flatMap((row) => [h("dt", {}, row.key), h("dd", { class: "wrap" }, row.value)]))
    : null;
}
