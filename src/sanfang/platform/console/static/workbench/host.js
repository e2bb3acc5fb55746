// The container's end of the bridge: hears calls of framed pages, has them judged by the server,
// lets abilities do their part, answers. A message counts only from the very window and the very
// origin of a frame we opened; what it says about itself is checked again on the server.

import * as api from "./api.js";
import { values as device } from "./device.js";

const entries = new Map(); // frame id -> entry
const waiting = new Map(); // seq -> resolve, of pushes that want an answer
let lastSeq = 0;

/**
 * Start listening to a frame.
 * @param {object} entry {id, origin, win(): Window|null, url, view, agentId, flavour, version}
 */
export function add(entry) {
  Object.assign(entry, { page: 0, doc: null, ready: null, leave: new AbortController(), open: true });
  entries.set(entry.id, entry);
}

/** Stop listening; the server forgets the frame. */
export function drop(entry) {
  entry.open = false;
  entry.leave.abort();
  entries.delete(entry.id);
  api.remove(`/api/frames/${entry.id}`).catch(() => {});
}

/** Tell a page of something; resolves to whether the page prevented what would follow. */
export function push(entry, name, data, wantAnswer = false) {
  const message = { __ddc: 1, push: name, data };
  if (!wantAnswer) {
    send(entry, message);
    return Promise.resolve(false);
  }
  lastSeq += 1;
  message.seq = lastSeq;
  return new Promise((resolve) => {
    const seq = message.seq;
    waiting.set(seq, resolve);
    setTimeout(() => waiting.delete(seq) && resolve(false), 400); // a page without our bridge
    send(entry, message);
  });
}

function send(entry, message) {
  const win = entry.win();
  if (entry.open && win) win.postMessage(message, entry.origin);
}

addEventListener("message", (event) => {
  const message = event.data;
  if (!message || message.__ddc !== 1 || typeof message.frame !== "string") return;
  const entry = entries.get(message.frame);
  if (!entry || event.source !== entry.win()) return;
  if (message.signin === true) return void signIn(entry, message, event.origin); // the platform's page
  if (event.origin !== entry.origin) return;
  if (message.hello === true) hello(entry, message);
  else if (message.doc !== undefined && message.doc !== entry.doc) return; // a page that has gone
  else if (typeof message.note === "string") noted(entry, message);
  else if (message.id !== undefined && typeof message.method === "string") called(entry, message);
});

// An app sent its frame to a sign-in page of the platform. Whoever says so, from whatever origin, gets
// nothing but the frame moved on to the app's own page, as this member. The member's yes or no is
// believed from the platform's own origins alone: console/signin/inframe.py, origins.
async function signIn(entry, message, origin) {
  const own = location.hostname.replace(/^wb\./, "");
  const port = location.port && `:${location.port}`;
  const ours = ["127.0.0.1", "localhost", own].map((name) => `${location.protocol}//${name}${port}`);
  const said = ours.includes(origin) ? String(message.said || "") : "";
  try {
    const asked = { url: String(message.url), said };
    const { src } = await api.post(`/api/frames/${entry.id}/signin`, asked);
    entry.view.goOn(src);
  } catch (error) {
    entry.view.pageRefused(entry, error);
  }
}

/** Whether an address a page gives is of its own origin: it is used to load the page again. */
function isOwn(entry, url) {
  try {
    return new URL(url).origin === entry.origin;
  } catch {
    return false;
  }
}

function hello(entry, message) {
  if (!isOwn(entry, message.url)) return;
  entry.leave.abort(); // whatever the page before was asking is over
  entry.leave = new AbortController();
  entry.doc = message.doc;
  entry.url = String(message.url);
  entry.ready = api.post(`/api/frames/${entry.id}/page`, { url: entry.url }).then(
    (answer) => {
      entry.page = answer.page;
      entry.view.pageOpened(entry, answer);
      send(entry, { __ddc: 1, welcome: true });
    },
    (error) => {
      entry.view.pageRefused(entry, error);
      throw error;
    },
  );
  entry.ready.catch(() => {});
  entry.view.pageLoading(entry);
}

function noted(entry, message) {
  if (message.note === "pushed") {
    const resolve = waiting.get(message.seq);
    waiting.delete(message.seq);
    if (resolve) resolve(message.prevented === true);
  } else if (message.note === "title") {
    entry.view.titled(entry, String(message.title).slice(0, 200));
  } else if (message.note === "hash" && isOwn(entry, message.url)) {
    entry.url = String(message.url);
    entry.ready = Promise.resolve(entry.ready).then(() => hashChanged(entry));
    entry.ready.catch(() => {});
  } else if (message.note === "click") {
    entry.view.clicked(entry);
  }
}

async function hashChanged(entry) {
  entry.view.moved(entry);
  if (entry.flavour !== "ios") return;
  const answer = await api.post(`/api/frames/${entry.id}/hash`, { page: entry.page });
  if (answer.dropped) entry.view.grantDropped(entry);
}

async function called(entry, message) {
  const { id, method } = message;
  const params = message.params && typeof message.params === "object" ? message.params : {};
  const leave = entry.leave;
  const url = String(message.url);
  const record = entry.view.callBegan(entry, method, params);
  const reply = (answer) => {
    if (!leave.signal.aborted) send(entry, { __ddc: 1, id, ...answer });
  };
  let answer;
  try {
    await entry.ready;
    const call = { page: entry.page, method, params, url, device: { ...device } };
    answer = await api.post(`/api/frames/${entry.id}/invoke`, call);
    if (answer.ok && answer.ask) {
      const result = await able(entry, answer.ask, { call, leave, reply });
      answer = { ok: true, result };
    }
  } catch (error) {
    answer = { ok: false, error: errorOf(error), report: error.report };
  }
  if (leave.signal.aborted) return;
  record.ended(answer);
  const { report, ...plain } = answer;
  if (report) entry.view.failed(entry, method, params, answer);
  reply(plain.ok && plain.result === undefined ? { ok: true, result: {} } : plain);
}

/** A refusal by an ability, or by the person: it goes to the page as it is. */
export class AbilityError extends Error {
  constructor(code, message) {
    super(message);
    this.errorCode = String(code);
  }
}

function errorOf(error) {
  if (error instanceof AbilityError) return { errorCode: error.errorCode, errorMessage: error.message };
  if (error && error.bridge) return error.bridge;
  if (!(error instanceof api.ApiError)) console.error(error);
  return { errorCode: "3", errorMessage: String((error && error.message) || error) };
}

/** Let the browser's ability act. Its module is fetched at the first use. */
async function able(entry, { ability, params }, { call, leave, reply }) {
  const { find } = await import("/static/abilities/index.js");
  const act = await find(ability);
  if (!act) throw new AbilityError("1", `${ability} is not implemented by this container`);
  const context = {
    frame: entry,
    desk: entry.view.desk,
    device,
    ui: entry.view.ui,
    signal: leave.signal,
    method: ability,
    get: api.get,
    post: api.post,
    upload: (file, kind) => api.upload(entry.id, file, kind),
    fail(code, message) {
      throw new AbilityError(code, message);
    },
    cancelled() {
      throw new AbilityError("-1", "用户取消 cancelled by the user");
    },
    async finish(answer) {
      const done = await api.post(`/api/frames/${entry.id}/finish`, { ...call, answer });
      if (done.ok) return done.result;
      throw Object.assign(new Error(done.error.errorMessage), { bridge: done.error, report: done.report });
    },
    progress: (data) => reply({ event: "progress", data }),
    again: (result) => reply({ ok: true, again: true, result }),
    push: (name, data) => push(entry, name, data),
  };
  return act(params, context);
}
