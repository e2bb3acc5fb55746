// Voices: recorded with this computer's microphone, or silence where there is none.

import { ask, CANCEL, field, h, mediaPath, OK } from "./shared.js";

const RATE = 8000; // samples a second, of silence

let recording = null; // {recorder, chunks, stream, began, waiting}
let endOfRecord = []; // who waits for the next recording to end
let endOfPlay = [];
const playing = new Map(); // localAudioId -> Audio

/** A WAV file of silence: 8 bits, one channel. */
function silence(seconds) {
  const length = Math.max(1, Math.round(seconds * RATE));
  const file = new DataView(new ArrayBuffer(44 + length));
  const word = (at, text) => [...text].forEach((letter, index) => file.setUint8(at + index, letter.charCodeAt(0)));
  word(0, "RIFF");
  file.setUint32(4, 36 + length, true);
  word(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, RATE, true);
  file.setUint32(28, RATE, true);
  file.setUint16(32, 1, true);
  file.setUint16(34, 8, true);
  word(36, "data");
  file.setUint32(40, length, true);
  new Uint8Array(file.buffer, 44).fill(128);
  return new Blob([file.buffer], { type: "audio/wav" });
}

async function microphone() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const recorder = new MediaRecorder(stream);
    const chunks = [];
    recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
    recorder.start();
    return { stream, recorder, chunks };
  } catch {
    return {}; // none, or not allowed
  }
}

async function startRecord(params, ctx) {
  if (recording) ctx.fail("3", "正在录音 already recording");
  recording = { began: performance.now() };
  Object.assign(recording, await microphone());
  const longest = Math.min(Math.max(Number(params.maxDuration) || 60, 1), 60);
  recording.timer = setTimeout(() => ended(ctx).catch(() => {}), longest * 1000);
  ctx.signal.addEventListener("abort", drop, { once: true });
  ctx.ui.toast("录音中 Recording", { duration: 1 });
  return {};
}

function drop() {
  if (!recording) return;
  clearTimeout(recording.timer);
  recording.stream?.getTracks().forEach((track) => track.stop());
  recording = null;
}

async function ended(ctx) {
  if (!recording) return null;
  const { recorder, chunks, began } = recording;
  const duration = (performance.now() - began) / 1000;
  if (recorder) {
    await new Promise((resolve) => {
      recorder.addEventListener("stop", resolve, { once: true });
      recorder.stop();
    });
  }
  drop();
  const blob = recorder && chunks.length ? new Blob(chunks, { type: "audio/webm" }) : silence(duration);
  const name = blob.type === "audio/wav" ? "record.wav" : "record.webm";
  const { media_id: mediaId } = await ctx.upload(new File([blob], name, { type: blob.type }), "voice");
  const result = { mediaId, localAudioId: mediaId, duration: Math.round(duration) };
  for (const tell of endOfRecord.splice(0)) tell(result);
  return result;
}

async function stopRecord(_params, ctx) {
  return (await ended(ctx)) || ctx.fail("3", "没有在录音 nothing is being recorded");
}

/** Resolves when the recording ends, by the page or after its longest time. */
function onRecordEnd(_params, ctx) {
  return waits(ctx, (tell) => endOfRecord.push(tell));
}

const onPlayEnd = (_params, ctx) => waits(ctx, (tell) => endOfPlay.push(tell));

function waits(ctx, add) {
  return new Promise((resolve, reject) => {
    add(resolve);
    ctx.signal.addEventListener("abort", () => reject(new DOMException("the page was left", "AbortError")), { once: true });
  });
}

async function play({ localAudioId }, ctx) {
  stop({ localAudioId });
  const sound = new Audio(mediaPath(localAudioId));
  playing.set(localAudioId, sound);
  sound.addEventListener("ended", () => {
    stop({ localAudioId });
    for (const tell of endOfPlay.splice(0)) tell({ localAudioId });
  });
  ctx.signal.addEventListener("abort", () => stop({ localAudioId }), { once: true });
  try {
    await sound.play();
  } catch (error) {
    stop({ localAudioId });
    ctx.fail("3", `不能播放 ${localAudioId} cannot be played: ${error.name}`);
  }
  return {};
}

function held(localAudioId, ctx) {
  return playing.get(localAudioId) || ctx.fail("3", `没有在播放 ${localAudioId} is not being played`);
}

function pause({ localAudioId }, ctx) {
  held(localAudioId, ctx).pause();
  return {};
}

async function resume({ localAudioId }, ctx) {
  await held(localAudioId, ctx).play();
  return {};
}

function stop({ localAudioId }) {
  playing.get(localAudioId)?.pause();
  playing.delete(localAudioId);
  return {};
}

async function download({ mediaId }, ctx) {
  const response = await fetch(mediaPath(mediaId), { method: "HEAD" });
  if (!response.ok) ctx.fail("3", `没有这段语音 there is no voice ${mediaId}`);
  return { localAudioId: mediaId };
}

/** Nobody here understands speech: a person writes down what was said. */
async function translateVoice({ mediaId = "" }, ctx) {
  const input = h("textarea", { rows: "3" });
  await ask(ctx, { title: "语音转文字 Voice to text", body: field("说了什么 What was said", input), buttons: [CANCEL, OK], focus: input });
  return { mediaId, content: input.value };
}

export const abilities = {
  "device.audio.download": download,
  "device.audio.onPlayEnd": onPlayEnd,
  "device.audio.onRecordEnd": onRecordEnd,
  "device.audio.pause": pause,
  "device.audio.play": play,
  "device.audio.resume": resume,
  "device.audio.startRecord": startRecord,
  "device.audio.stop": stop,
  "device.audio.stopRecord": stopRecord,
  "device.audio.translateVoice": translateVoice,
};
