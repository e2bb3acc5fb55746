// What a phone senses: codes, cards, tags, shaking, positions. A person, or the simulator, says it.

import { set } from "/static/workbench/device.js";
import { ask, CANCEL, dress, field, h, OK } from "./shared.js";

async function text(ctx, title, label, start) {
  const input = h("input", { type: "text", value: start, maxlength: "4000" });
  await ask(ctx, { title, body: field(label, input), buttons: [CANCEL, OK], focus: input });
  return input.value;
}

async function scan(params, ctx) {
  const kind = params.type === "barCode" ? "条形码 Bar code" : params.type === "qrCode" ? "二维码 QR code" : "码 Code";
  return { text: await text(ctx, "扫一扫 Scan", `扫到的${kind}`, ctx.device.scan) };
}

const CARD = {
  NAME: ["姓名 Name", "张三"],
  COMPANY: ["公司 Company", "三方科技有限公司"],
  POSITION: ["职位 Position", "工程师"],
  MPHONE: ["手机 Mobile", "13800000000"],
  PHONE: ["电话 Phone", "0571-88888888"],
  ADDRESS: ["地址 Address", "浙江省杭州市"],
};

async function scanCard(_params, ctx) {
  const inputs = Object.entries(CARD).map(([name, [label, value]]) => [name, label, h("input", { type: "text", value })]);
  const body = h("div", {}, inputs.map(([, label, input]) => field(label, input)));
  await ask(ctx, { title: "扫名片 Scan a card", body, buttons: [CANCEL, OK], focus: inputs[0][2] });
  return { ...Object.fromEntries(inputs.map(([name, , input]) => [name, input.value])), IMAGE: "" };
}

const nfcRead = async (_params, ctx) => ({ content: await text(ctx, "NFC", "靠近的标签内容 What the tag holds", ctx.device.nfc) });

async function nfcWrite({ content }, ctx) {
  await ask(ctx, { title: "NFC", body: `写入标签 Write to the tag: ${content}`, buttons: [CANCEL, "写入 Write"] });
  set("nfc", content);
  return { content };
}

// ---- Shaking: a button over the page, as long as the page watches

const shakes = new WeakMap();

async function watchShake(params, ctx) {
  await dress();
  const { view } = ctx.frame;
  clearShake({}, ctx);
  const pause = Math.min(Math.max(Number(params.callbackDelay) || 0, 0), 60_000);
  let last = -Infinity;
  const shaken = () => {
    const now = performance.now();
    if (now - last < pause) return;
    last = now;
    ctx.again({});
  };
  const button = h("button", { type: "button", class: "ability-float", onclick: shaken }, "摇一摇 Shake");
  shakes.set(view, button);
  view.body.append(button);
  ctx.signal.addEventListener("abort", () => button.remove(), { once: true });
  return {};
}

function clearShake(_params, ctx) {
  shakes.get(ctx.frame.view)?.remove();
  shakes.delete(ctx.frame.view);
  return {};
}

// ---- Positions at intervals

const tracks = new WeakMap(); // view -> Map(sceneId -> timer)

function tracksOf(ctx) {
  const { view } = ctx.frame;
  if (!tracks.has(view)) tracks.set(view, new Map());
  return tracks.get(view);
}

async function start(params, ctx) {
  const running = tracksOf(ctx);
  end(running, params.sceneId);
  const every = Math.min(Math.max(Number(params.callBackInterval) || 10_000, 1000), 600_000);
  const timer = setInterval(() => ctx.finish({}).then(ctx.again, () => end(running, params.sceneId)), every);
  running.set(params.sceneId, timer);
  ctx.signal.addEventListener("abort", () => end(running, params.sceneId), { once: true });
  try {
    return await ctx.finish({});
  } catch (error) {
    end(running, params.sceneId);
    throw error;
  }
}

function end(running, sceneId) {
  clearInterval(running.get(sceneId));
  return running.delete(sceneId);
}

function stop({ sceneId }, ctx) {
  end(tracksOf(ctx), sceneId);
  return { sceneId };
}

/** Which scenes locate: 1 for those that do. */
function status(params, ctx) {
  const running = tracksOf(ctx);
  const asked = [params.sceneIds ?? params.sceneId ?? [...running.keys()]].flat().map(String);
  return asked.map((sceneId) => ({ sceneId, [sceneId]: running.has(sceneId) ? 1 : 0 }));
}

// ---- The screen

function rotateView(_params, ctx) {
  ctx.frame.view.root.classList.add("landscape");
  return {};
}

function resetView(_params, ctx) {
  ctx.frame.view.root.classList.remove("landscape");
  return {};
}

export const abilities = {
  "biz.util.scan": scan,
  "biz.util.scanCard": scanCard,
  "device.accelerometer.clearShake": clearShake,
  "device.accelerometer.watchShake": watchShake,
  "device.geolocation.start": start,
  "device.geolocation.status": status,
  "device.geolocation.stop": stop,
  "device.nfc.nfcRead": nfcRead,
  "device.nfc.nfcStop": () => ({}),
  "device.nfc.nfcWrite": nfcWrite,
  "device.screen.resetView": resetView,
  "device.screen.rotateView": rotateView,
};
