// The drive: choosing folders and files of it, adding files, looking at them.

import { pickFiles, showFile } from "./files.js";
import { CANCEL, dress, fill, gallery, h, mediaPath, refocus, row, sized } from "./shared.js";

/**
 * Let a person walk through spaces and folders. `files`: several files are chosen, else one folder.
 * Resolves to {spaceId, dirId} or {files: [{spaceId, fileId}]}.
 */
async function walk(ctx, first, { title, files = 0 }) {
  await dress();
  const chosen = new Map();
  let here = null;
  const trail = h("nav", { class: "ability-trail", "aria-label": "位置 Place" });
  const list = h("ul", { class: "ability-list" });
  const go = async (place) => draw(await ctx.finish({ list: place }), place);

  function choice(each) {
    const input = h("input", {
      type: "checkbox",
      checked: chosen.has(each.fileId),
      onchange: () => {
        if (!input.checked) chosen.delete(each.fileId);
        else if (chosen.size < files) chosen.set(each.fileId, { spaceId: each.spaceId, fileId: each.fileId });
        else input.checked = false;
      },
    });
    return h("li", {}, h("label", { class: "ability-row" }, input, h("span", { class: "ability-name" }, each.name, h("small", {}, sized(each.size)))));
  }

  function draw(found, place) {
    here = place;
    fill(
      trail,
      h("button", { type: "button", onclick: () => go({}) }, "钉盘 Drive"),
      ...found.path.map((each) => h("button", { type: "button", onclick: () => go(each) }, each.name)),
    );
    const shown = found.entries.flatMap((each) => {
      if (each.folder) return [row(() => go({ spaceId: each.spaceId, dirId: each.dirId }), { name: each.name, end: h("span", {}, "›") })];
      return files ? [choice(each)] : [];
    });
    fill(list, ...shown);
    if (!shown.length) list.append(h("li", { class: "quiet" }, "空文件夹 Nothing here"));
    if (trail.isConnected) refocus(list, trail.lastChild);
  }

  draw(first, {});
  const body = h("div", {}, trail, list);
  const button = files ? "选择文件 Choose" : "选择此文件夹 Choose";
  for (;;) {
    const { index } = await ctx.ui.page({ title, body, buttons: [CANCEL, button], focus: list.querySelector("button") });
    if (index !== 1) ctx.cancelled();
    if (files && chosen.size) return { files: [...chosen.values()] };
    if (!files && here.spaceId) return here;
    ctx.ui.toast(files ? "请选择文件 Choose a file" : "请先进入一个空间 Open a space first", { icon: "warn", duration: 2 });
  }
}

async function chooseSpaceDir(params, ctx) {
  return ctx.finish(await walk(ctx, params.first, { title: "选择文件夹 Choose a folder" }));
}

async function saveFile(params, ctx) {
  const place = await walk(ctx, params.first, { title: `保存到 Save to: ${params.name}` });
  const result = await ctx.finish(place);
  ctx.ui.toast("已保存 Saved", { icon: "success", duration: 1 });
  return result;
}

async function preview({ files }, ctx) {
  showFile(ctx, files[0]).catch(() => {});
  return {};
}

async function previewDentryImages({ files, index }, ctx) {
  const pictures = files.map((each) => ({ url: mediaPath(each.media_id), name: each.fileName }));
  gallery(ctx, pictures, index, "图片预览 Preview").catch(() => {});
  return {};
}

const WAYS = { photo: "相册 Pictures", camera: "拍照 Camera", file: "文件 Files", space: "钉盘 Drive" };

async function uploadAttachment(params, ctx) {
  let [type] = params.types;
  if (params.types.length > 1) {
    const at = await ctx.ui.sheet(params.types.map((each) => WAYS[each]), CANCEL, { title: "添加附件 Attach" });
    if (at < 0) ctx.cancelled();
    type = params.types[at];
  }
  const most = params.multiple ? params.max[type] : 1;
  if (type === "space") {
    const { files } = await walk(ctx, params.first, { title: WAYS.space, files: params.max.space });
    return ctx.finish({ type, files });
  }
  const accept = type === "file" ? "" : "image/*";
  const files = await pickFiles(ctx, { title: WAYS[type], accept, most, capture: type === "camera" });
  const media = [];
  for (const file of files) {
    const kept = await ctx.upload(file, type === "file" ? "file" : "image");
    media.push({ media_id: kept.media_id, name: file.name });
  }
  return ctx.finish({ type, media });
}

export const abilities = {
  "biz.cspace.chooseSpaceDir": chooseSpaceDir,
  "biz.cspace.preview": preview,
  "biz.cspace.previewDentryImages": previewDentryImages,
  "biz.cspace.saveFile": saveFile,
  "biz.util.uploadAttachment": uploadAttachment,
};
