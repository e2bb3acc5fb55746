// What the server tells as it happens. However many tabs show the workbench, one of them holds the
// stream (browsers allow six connections to a host) and passes on what it hears; and when one tab
// becomes another member, all do: the session is the browser's, not the tab's.

import { get } from "./api.js";

const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("sanfang-workbench") : null;

/**
 * Listen for a member. `hear(kind, data)`: "hello" (the stream is up; something may have been
 * missed), "lost" (it is being tried again), "message", "read" ({cid}: somebody read what one said),
 * "apps" (other apps now), "signed_out", "desk" (another member now).
 * @param {string} who corp and userid
 */
export function follow(who, hear) {
  const tell = (kind, data) => {
    hear(kind, data);
    channel?.postMessage({ who, kind, data });
  };
  channel?.addEventListener("message", ({ data }) => {
    if (data.kind !== "desk") {
      if (data.who === who) hear(data.kind, data.data);
    } else if (data.who !== who) hear("desk");
  });
  announce(who);
  if (channel && navigator.locks) navigator.locks.request(`sanfang-live ${who}`, () => stream(tell)).catch(() => {});
  else stream(tell);
}

/** Tell the other tabs who is signed in now; "" for nobody. */
export function announce(who) {
  channel?.postMessage({ kind: "desk", who });
}

const AGAIN_MS = 3000;

/** The stream itself; ends with the session. */
function stream(tell) {
  return new Promise((resolve) => {
    const end = () => {
      tell("signed_out");
      resolve();
    };
    const connect = () => {
      const source = new EventSource("/api/live");
      source.addEventListener("hello", () => tell("hello"));
      for (const kind of ["message", "read", "apps"]) source.addEventListener(kind, (event) => tell(kind, JSON.parse(event.data)));
      source.addEventListener("signed_out", () => {
        source.close();
        end();
      });
      source.addEventListener("error", async () => {
        tell("lost"); // a browser connects anew by itself, but not after an answer that is none
        if (source.readyState !== EventSource.CLOSED) return;
        const desk = await get("/api/desk").catch(() => null);
        if (desk && !desk.userid) end();
        else setTimeout(connect, AGAIN_MS);
      });
      addEventListener("pagehide", () => source.close(), { once: true });
    };
    connect();
  });
}
