// The Markdown of messages: headings, bold, italic, code, quotes, lists, links, pictures, rules.
// Builds elements from the text; there is no HTML in between, so markup in a message stays text.

import { h, pictureUrl } from "./dom.js";

/** @param {(url, ...content) => Node} link makes a link */
export function markdown(text, link) {
  const lines = String(text || "").replace(/\r\n?/g, "\n").split("\n");
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (!line.trim()) at += 1;
    else if (/^ {0,3}```/.test(line)) at = code(lines, at, blocks);
    else if (heading) {
      blocks.push(h("p", { class: `md-h md-h${heading[1].length}`, role: "heading", "aria-level": String(Math.min(heading[1].length + 2, 6)) }, inline(heading[2], link)));
      at += 1;
    } else if (/^ {0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) {
      blocks.push(h("hr"));
      at += 1;
    } else if (/^ {0,3}>/.test(line)) at = quote(lines, at, blocks, link);
    else if (itemOf(line)) at = list(lines, at, blocks, link);
    else at = paragraph(lines, at, blocks, link);
  }
  return blocks;
}

function code(lines, at, blocks) {
  let end = at + 1;
  while (end < lines.length && !/^ {0,3}```/.test(lines[end])) end += 1;
  blocks.push(h("pre", {}, lines.slice(at + 1, end).join("\n")));
  return end + 1;
}

function quote(lines, at, blocks, link) {
  let end = at;
  const inner = [];
  while (end < lines.length && /^ {0,3}>/.test(lines[end])) {
    inner.push(lines[end].replace(/^ {0,3}> ?/, ""));
    end += 1;
  }
  blocks.push(h("blockquote", {}, paragraphOf(inner, link)));
  return end;
}

function itemOf(line) {
  return /^\s{0,6}(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/.exec(line);
}

function list(lines, at, blocks, link) {
  const ordered = Boolean(itemOf(lines[at])[2]);
  const items = [];
  let end = at;
  for (; end < lines.length; end += 1) {
    const found = itemOf(lines[end]);
    if (!found || Boolean(found[2]) !== ordered) break;
    items.push(h("li", {}, inline(found[3], link)));
  }
  blocks.push(h(ordered ? "ol" : "ul", { start: ordered ? itemOf(lines[at])[2] : null }, items));
  return end;
}

const OTHER = /^ {0,3}(?:#{1,6}\s|```|>|([-*_])(?:\s*\1){2,}\s*$)/;

function paragraph(lines, at, blocks, link) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !OTHER.test(lines[end]) && !itemOf(lines[end])) end += 1;
  blocks.push(h("p", {}, paragraphOf(lines.slice(at, end), link)));
  return end;
}

function paragraphOf(lines, link) {
  return lines.flatMap((line, index) => [index ? h("br") : null, ...inline(line.replace(/\s+$/, ""), link)]);
}

// One pass from the left. Every part is bounded, so that a text made to be slow is not.
const SPAN = new RegExp(
  [
    "(`{1,3})([^`]{1,2000})\\1",
    "!\\[([^\\]\\n]{0,300})\\]\\(([^\\s()<>]{1,2048})[^()\\n]{0,100}\\)",
    "\\[([^\\]\\n]{0,300})\\]\\(([^\\s()<>]{1,2048})[^()\\n]{0,100}\\)",
    "\\*\\*([^*\\n]{1,1000})\\*\\*",
    "__([^_\\n]{1,1000})__",
    "\\*([^*\\n]{1,1000})\\*",
    "~~([^~\\n]{1,1000})~~",
    "<font\\s{1,9}color=[\"']?(#[0-9a-f]{3,6}|[a-z]{3,20})[\"']?\\s{0,9}>([^<\\n]{0,1000})</font>",
  ].join("|"),
  "gi",
);

function inline(text, link) {
  const found = [];
  let last = 0;
  for (const match of text.matchAll(SPAN)) {
    if (match.index > last) found.push(text.slice(last, match.index));
    found.push(span(match, link));
    last = match.index + match[0].length;
  }
  if (last < text.length) found.push(text.slice(last));
  return found;
}

function span(match, link) {
  const [all, , codeText, alt, image, name, url, bold, bold2, italic, struck, colour, coloured] = match;
  if (codeText !== undefined) return h("code", {}, codeText);
  if (image !== undefined) {
    const src = pictureUrl(image);
    return src ? h("img", { class: "picture", src, alt, loading: "lazy", referrerpolicy: "no-referrer" }) : all;
  }
  if (url !== undefined) return link(url, name || url);
  if (bold !== undefined || bold2 !== undefined) return h("strong", {}, bold ?? bold2);
  if (italic !== undefined) return h("em", {}, italic);
  if (struck !== undefined) return h("s", {}, struck);
  // Colours of messages are chosen for white paper; on it they stay as they are.
  return h("span", { class: "md-coloured", style: { "--ink": colour } }, coloured);
}
