// Pictures and files: chosen by a person, kept as media by the server, shown and saved here.

import { ask, CANCEL, dress, field, fill, gallery, h, mediaPath, OK, sized } from "./shared.js";

const LARGE = 512 << 10; // bytes; larger pictures are compressed when the page wants that

/** Let a person choose files; resolves to them. */
export async function pickFiles(ctx, { title, accept = "", most = 1, capture = false }) {
  const list = h("ul", { class: "ability-people", "aria-live": "polite" });
  const input = h("input", { type: "file", accept, multiple: most > 1, capture: capture ? "environment" : null });
  input.addEventListener("change", () => fill(list, ...[...input.files].map((file) => h("li", {}, `${file.name} · ${sized(file.size)}`))));
  const body = h("div", {}, field(most > 1 ? `文件 Files (≤ ${most})` : "文件 File", input), list);
  await ask(ctx, { title, body, buttons: [CANCEL, "上传 Upload"], focus: input });
  if (!input.files.length) ctx.cancelled();
  if (input.files.length > most) ctx.fail("2", `最多 ${most} 个文件 at most ${most} files`);
  return [...input.files];
}

/** Draw a picture again, smaller and as JPEG. `quality` from 0 to 1. */
async function compressed(blob, quality, widest = 4096) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, widest / Math.max(bitmap.width, bitmap.height));
  const canvas = h("canvas", {});
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

async function ready(file, params) {
  if (params.compression === false || file.size < LARGE || !params.compression) return file;
  try {
    const quality = Math.min(Math.max((params.quality ?? 80) / 100, 0.1), 1);
    const small = await compressed(file, quality);
    return new File([small], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" });
  } catch {
    return file; // not a picture this browser can read: it goes as it is
  }
}

async function upload(ctx, files, params = {}) {
  ctx.ui.spinner(true, "上传中 Uploading");
  try {
    const sent = [];
    for (const file of files) {
      const kept = await ctx.upload(await ready(file, params), "image");
      sent.push({ ...kept, url: new URL(kept.url, location.href).href, type: file.type });
    }
    return sent;
  } finally {
    ctx.ui.spinner(false);
  }
}

async function uploadImage(params, ctx) {
  const most = params.multiple ? Math.min(Math.max(params.max || 9, 1), 9) : 1;
  const files = await pickFiles(ctx, { title: "选择图片 Choose pictures", accept: "image/*", most });
  return (await upload(ctx, files, params)).map((each) => each.url);
}

async function uploadFromCamera(params, ctx) {
  const files = await pickFiles(ctx, { title: "拍照 Take a picture", accept: "image/*", capture: true });
  return (await upload(ctx, files, params)).map((each) => each.url);
}

async function chooseImage(params, ctx) {
  const most = Math.min(Math.max(params.count || 1, 1), 9);
  const capture = Array.isArray(params.sourceType) && params.sourceType.length === 1 && params.sourceType[0] === "camera";
  const files = await pickFiles(ctx, { title: "选择图片 Choose pictures", accept: "image/*", most, capture });
  const sent = await upload(ctx, files);
  return {
    filePaths: sent.map((each) => each.url),
    files: sent.map((each) => ({ path: each.url, size: each.size, fileType: each.type.replace("image/", "") })),
  };
}

const LEVELS = [0.3, 0.6, 0.8, 0.9, 0.8]; // compressLevel 0 to 4; 4: the client decides

async function compressImage({ filePaths, compressLevel = 4 }, ctx) {
  const quality = LEVELS[compressLevel] ?? 0.8;
  const made = [];
  for (const path of filePaths) {
    const url = new URL(path, location.href);
    if (url.origin !== location.origin || !url.pathname.startsWith("/api/media/")) {
      ctx.fail("3", `内部异常 there is no picture ${path}`);
    }
    try {
      const small = await compressed(await (await fetch(url)).blob(), quality);
      made.push(new File([small], "compressed.jpg", { type: "image/jpeg" }));
    } catch {
      ctx.fail("3", `内部异常 ${path} is no picture`);
    }
  }
  return { filePaths: (await upload(ctx, made)).map((each) => each.url) };
}

async function previewImage({ urls, current = "" }, ctx) {
  const pictures = urls.map((url) => ({ url: new URL(url, ctx.frame.url).href })).filter(({ url }) => /^(https?|data|blob):/.test(url));
  if (!pictures.length) ctx.fail("2", "参数无效: urls 应为图片地址 / invalid parameter: urls should be addresses of pictures");
  const at = current ? urls.indexOf(current) : 0;
  gallery(ctx, pictures, at, "图片预览 Preview").catch(() => {});
  return {};
}

// ---- Downloads. What was downloaded is remembered by its address, for this corp, member and app.

const MOST_REMEMBERED = 200;

function keyOf(ctx) {
  return ["sanfang-downloads", ctx.desk.corp_id, ctx.desk.userid, ctx.frame.agentId].join("/");
}

function downloads(ctx) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(ctx)) || "{}");
  } catch {
    return {};
  }
}

async function downloadFile({ url }, ctx) {
  const { media_id: id, name, size } = await ctx.finish({});
  const response = await fetch(mediaPath(id), { signal: ctx.signal });
  if (!response.ok) ctx.fail("3", `HTTP ${response.status}`);
  const pieces = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    loaded += value.length;
    ctx.progress({ loaded, total: size, progress: Math.round((loaded / size) * 100) });
  }
  const held = URL.createObjectURL(new Blob(pieces));
  const link = h("a", { href: held, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(held), 60_000);
  const known = Object.entries(downloads(ctx)).filter(([each]) => each !== url).slice(1 - MOST_REMEMBERED);
  localStorage.setItem(keyOf(ctx), JSON.stringify(Object.fromEntries([...known, [url, { id, name, size }]])));
  return {};
}

function isLocalFileExist(params, ctx) {
  const asked = [params.params ?? params.urls ?? params.files ?? [{ url: params.url }]].flat();
  const known = downloads(ctx);
  return asked.map((each) => {
    const url = String((each && each.url) ?? each ?? "");
    const isExist = Object.hasOwn(known, url);
    return { url, path: isExist ? `Downloads/${known[url].name}` : "", isExist };
  });
}

async function openLocalFile({ url }, ctx) {
  const known = downloads(ctx);
  if (!Object.hasOwn(known, url)) ctx.fail("3", `文件还没有下载 ${url} has not been downloaded`);
  const { id, name, size } = known[url];
  await showFile(ctx, { media_id: id, fileName: name, fileSize: size });
  return {};
}

/** Show what the browser can show, offer to save the rest. */
export async function showFile(ctx, file) {
  const path = mediaPath(file.media_id);
  if (/\.(png|jpe?g|gif|bmp|webp)$/i.test(file.fileName)) {
    await gallery(ctx, [{ url: path, name: file.fileName }], 0, file.fileName);
    return;
  }
  await dress();
  const link = h("a", { href: path, download: file.fileName, class: "ability-link" }, "保存 Save");
  const body = h("div", {}, h("p", {}, `${file.fileName} · ${sized(Number(file.fileSize))}`), h("p", {}, link));
  await ctx.ui.dialog({ title: "文件 File", body, buttons: [OK], focus: link });
}

export const abilities = {
  "biz.util.chooseImage": chooseImage,
  "biz.util.compressImage": compressImage,
  "biz.util.downLoadFile": downloadFile,
  "biz.util.downloadFile": downloadFile,
  "biz.util.isLocalFileExist": isLocalFileExist,
  "biz.util.openLocalFile": openLocalFile,
  "biz.util.previewImage": previewImage,
  "biz.util.uploadImage": uploadImage,
  "biz.util.uploadImageFromCamera": uploadFromCamera,
};
