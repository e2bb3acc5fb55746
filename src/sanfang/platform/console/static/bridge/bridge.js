/*
 * The container's end inside a micro-app's page: first script of every HTML page the proxy serves.
 * Client libraries look for a native bridge; this is it, and forwards each call to the workbench
 * that frames the page (or opened it in a tab). The proxy puts a JSON literal in place of the word
 * below. The workbench names the frame `ddc:{"frame":"<id>","v":"<version>"}`; without such a
 * name there is no container, and the page is as in any browser.
 *
 * Page -> workbench (always with "__ddc":1, "frame", and "doc", a number of this page load):
 *   {hello:true, url} once, first · {id, method, params, url} a call; ids never come twice
 *   {note:"title", title} {note:"hash", url} {note:"click"}
 *   {note:"pushed", push, seq, prevented} answers a push with "seq": was preventDefault called?
 * Workbench -> page ("__ddc":1):
 *   {id, ok:true, result} {id, ok:false, error:{errorCode, errorMessage}}
 *   {id, ok:true, again:true, result} each tap on something watched · {id, event:"progress", data}
 *   {push:"resume", data, seq?}; a name with a dot is a business event · {welcome:true}
 */
(function () {
  "use strict";

  const config = __DDC_CONFIG__;
  const { parse, stringify } = JSON;
  const listen = EventTarget.prototype.addEventListener;
  const parentWindow = window.parent;
  const framed = parentWindow !== window;
  // Clients trust this domain only; nothing is ever sent there.
  const PRETENDED = "https://im.dingtalk.com";

  // ---- Who are we?

  /** The frame's registration out of window.name, or null where no workbench opened this page. */
  function registration() {
    const name = window.name;
    if (name.slice(0, 4) !== "ddc:") return null;
    try {
      const said = parse(name.slice(4));
      return said && typeof said.frame === "string" ? said : null;
    } catch (_broken) {
      return null;
    }
  }

  /** A frame within the app's own page: it uses the bridge of the page around it. */
  function bridgedParent() {
    try {
      return framed && parentWindow.location.origin === location.origin && parentWindow;
    } catch (_foreign) {
      return null;
    }
  }

  const mine = registration();
  const host = mine && (framed ? parentWindow : window.opener);
  const above = !mine && bridgedParent();
  if (!host && !(above && bridgeOf(above))) return;

  const version = (mine && mine.v) || config.clientVersion;

  // ---- Talking to the workbench

  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  const pending = new Map();
  let lastId = seed * 0x10000;

  function tell(message) {
    // document.open() takes listeners away; one that is there is not added twice.
    listen.call(window, "message", received, true);
    message.__ddc = 1;
    message.frame = mine.frame;
    message.doc = seed;
    host.postMessage(message, config.hostOrigin);
  }

  /**
   * One call. `hear` gets {ok, result} (again: true for taps), {error} or {progress}.
   * Parameters go through JSON: clients leave functions in them, which cannot be cloned.
   */
  function call(method, params, hear) {
    let plain;
    try {
      plain = parse(stringify(params === undefined || params === null ? {} : params));
    } catch (_circular) {
      plain = undefined;
    }
    if (plain === undefined || typeof method !== "string") {
      Promise.resolve().then(() => hear({ error: refusal("2", "参数无效 invalid parameter") }));
      return;
    }
    const id = ++lastId;
    pending.set(id, { hear, watch: plain.watch === true });
    tell({ id, method, params: plain, url: location.href });
  }

  function refusal(errorCode, errorMessage) {
    return { errorCode, errorMessage };
  }

  /** npm compares codes with strings. */
  function properError(error) {
    if (!error || typeof error !== "object") return refusal("3", "系统异常 system error");
    return Object.assign({}, error, {
      errorCode: String(error.errorCode),
      errorMessage: String(error.errorMessage),
    });
  }

  function answered(message) {
    const entry = pending.get(message.id);
    if (!entry) return;
    if (message.event === "progress") {
      entry.hear({ progress: true, data: message.data });
    } else if (message.ok) {
      if (!entry.watch) pending.delete(message.id);
      entry.hear({ ok: true, again: message.again === true, watch: entry.watch, result: message.result });
    } else if (message.ok === false) {
      pending.delete(message.id);
      entry.hear({ error: properError(message.error) });
    }
  }

  function received(event) {
    if (event.source !== host || event.origin !== config.hostOrigin) return;
    const message = event.data;
    if (!message || message.__ddc !== 1) return;
    // The app listens for messages of its own; these are none of them.
    event.stopImmediatePropagation();
    if (typeof message.push === "string") pushed(message);
    else if (message.id !== undefined) answered(message);
  }

  function pushed(message) {
    const prevented = flavour.push(message.push, message.data);
    if (message.seq !== undefined) {
      tell({ note: "pushed", push: message.push, seq: message.seq, prevented: prevented === true });
    }
  }

  /** DOM events of phones. True: the page prevented what would follow. */
  function domEvent(name, data) {
    const dot = name.lastIndexOf(".");
    const event =
      dot > 0
        ? new CustomEvent("dtBizBridgeEvent", {
            detail: { namespace: name.slice(0, dot), eventName: name.slice(dot + 1), data },
          })
        : new CustomEvent(name, { detail: data, cancelable: true });
    if (dot <= 0) event.data = data;
    return !document.dispatchEvent(event);
  }

  function define(target, name, value) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
  }

  // ---- Flavours

  /** Android: window.nuva hands out exec(ok, fail, service, action, params). */
  function android() {
    function exec(ok, fail, service, action, params) {
      call(service ? service + "." + action : action, params, (heard) => {
        if (heard.error) return typeof fail === "function" && fail(heard.error);
        if (heard.progress) return progress(params, heard.data);
        // A client takes the first `ok` of a watch for a tap, so its acknowledgement stays here.
        if (heard.watch && !heard.again) return undefined;
        return typeof ok === "function" && ok(heard.result);
      });
    }
    define(window, "nuva", { isReady: true, require: () => exec });
    return { push: domEvent, ready: "runtimeready" };
  }

  /** iOS: WebViewJavascriptBridge; failures carry the error twice, old clients read `result`. */
  function ios() {
    const handlers = new Map();

    function callHandler(method, params, done) {
      const callback = typeof params === "function" ? params : done;
      const sent = typeof params === "function" ? {} : params;
      let acked = false;
      call(method, sent, (heard) => {
        if (heard.progress) return progress(sent, heard.data);
        if (heard.again && handlers.has(method)) handlers.get(method)(heard.result, () => {});
        if (acked || typeof callback !== "function") return undefined;
        acked = true;
        return callback(
          heard.error
            ? Object.assign({}, heard.error, { result: heard.error })
            : { errorCode: "0", errorMessage: "成功", result: heard.watch ? {} : heard.result },
        );
      });
    }

    define(window, "WebViewJavascriptBridge", {
      init() {},
      callHandler,
      registerHandler(name, handler) {
        handlers.set(name, handler);
      },
    });
    return {
      ready: "WebViewJavascriptBridgeReady",
      push(name, data) {
        if (!handlers.has(name)) return domEvent(name, data);
        handlers.get(name)(data, () => {});
        return false;
      },
    };
  }

  /**
   * PC: clients post messages to the frame around them and trust only *.dingtalk.com. They are
   * made to post to this very window instead, where the messages are taken before they leave.
   */
  function pc(forward) {
    const subscribed = new Map();
    const bridgeConfig = stringify({
      hostOrigin: PRETENDED,
      containerId: "ddc" + seed,
      hostVersion: version,
      language: config.corpLanguage || "zh_CN",
      corsIframe: true,
    });
    define(window, "dd_bridge_config", bridgeConfig);

    const deliver = (data) => window.dispatchEvent(synthetic(data));

    function request(data, reply) {
      if (!data || typeof data !== "object" || data.msgId === undefined) return;
      const method = data.methodName;
      // Responses to our own requests, and the click reports of the 2016 library.
      if (typeof method !== "string" || method === "_private.event") return;
      if (method === "SYS_openAPIContainerInitEvent") {
        subscribed.set(data.msgId, reply);
        return;
      }
      forward(method, data.body, (heard) => {
        const msgId = data.msgId;
        if (heard.progress) reply({ type: "event", msgId, eventName: "progress", body: heard.data });
        else if (heard.error) reply({ type: "response", msgId, success: false, body: heard.error });
        else if (!heard.again) reply({ type: "response", msgId, success: true, body: heard.result });
      });
    }

    const post = window.postMessage;
    /** A frame inside the page passes its own `reply` where others pass transferables. */
    define(window, "postMessage", function postMessage(data, target, third) {
      if (!meant(target)) return post.apply(window, arguments);
      return request(data, typeof third === "function" ? third : deliver);
    });

    replaceParent(window.postMessage);
    introduceToListeners();
    return {
      name: bridgeConfig,
      push(name, body) {
        subscribed.forEach((reply, msgId) => reply({ type: "event", msgId, eventName: name, body }));
      },
    };
  }

  function meant(target) {
    return (target && typeof target === "object" ? target.targetOrigin : target) === PRETENDED;
  }

  function synthetic(data) {
    return new MessageEvent("message", { data, origin: PRETENDED, source: window });
  }

  /**
   * Hand every new `message` listener one request whose source is this window: clients of all
   * versions take that source for their container from then on.
   */
  function introduceToListeners() {
    const known = new WeakSet();
    let times = 0;
    function addEventListener(type, listener) {
      listen.apply(this, arguments);
      const callable = typeof listener === "function";
      if (type !== "message" || (this && this !== window) || !listener || known.has(listener)) return;
      if (!callable && typeof listener.handleEvent !== "function") return;
      known.add(listener);
      const event = synthetic({
        type: "request",
        msgId: ++times,
        methodName: "SYS_openAPIContainerInit",
        body: {},
      });
      try {
        if (callable) listener.call(window, event);
        else listener.handleEvent(event);
      } catch (_notForIt) {
        // It expected something else.
      }
    }
    EventTarget.prototype.addEventListener = addEventListener;
  }

  /** The 2016 library posts to window.parent. Only what a foreign parent allows is passed on. */
  function replaceParent(postMessage) {
    if (!framed || above) return;
    const stand = {
      postMessage: (data, target, transfer) =>
        meant(target) ? postMessage(data, target) : parentWindow.postMessage(data, target, transfer),
    };
    for (const name of ["closed", "frames", "length", "location", "opener", "parent", "self", "top", "window"]) {
      Object.defineProperty(stand, name, { get: () => parentWindow[name] });
    }
    for (const name of ["blur", "close", "focus"]) stand[name] = () => parentWindow[name]();
    window.parent = stand;
  }

  function progress(params, data) {
    if (params && typeof params.onProgress === "function") params.onProgress(data);
  }

  // ---- A frame inside the app's page: hand its calls to the page's own bridge

  function bridgeOf(page) {
    if (config.flavour === "android") return page.nuva;
    if (config.flavour === "ios") return page.WebViewJavascriptBridge;
    return page.dd_bridge_config;
  }

  function share() {
    if (config.flavour === "android") define(window, "nuva", above.nuva);
    else if (config.flavour === "ios") define(window, "WebViewJavascriptBridge", above.WebViewJavascriptBridge);
    else {
      let lastMsgId = seed * 0x10000;
      const shared = pc((method, body, hear) => {
        const relayed = { type: "request", msgId: ++lastMsgId, methodName: method, body };
        above.postMessage(relayed, PRETENDED, (answer) => {
          if (answer.type === "event") hear({ progress: true, data: answer.body });
          else hear(answer.success ? { ok: true, result: answer.body } : { error: answer.body });
        });
      });
      disguise(shared.name);
    }
  }

  // ---- The page's surroundings

  function pretendClient() {
    const agent = String(config.userAgent || navigator.userAgent).replace(
      /(DingTalk[/(])[\d.]+/g,
      (_all, lead) => lead + version,
    );
    const getter = (get) => ({ get, configurable: true, enumerable: true });
    Object.defineProperty(Navigator.prototype, "userAgent", getter(() => agent));
    Object.defineProperty(Navigator.prototype, "appVersion", getter(() => agent.replace(/^Mozilla\//, "")));
  }

  /**
   * The real name keeps the registration over navigations, and carries what the app puts there;
   * the page sees only its own.
   */
  function disguise(preset) {
    const real = Object.getOwnPropertyDescriptor(window, "name");
    let shown = preset || (mine && typeof mine.n === "string" ? mine.n : "");
    Object.defineProperty(window, "name", {
      configurable: true,
      enumerable: true,
      get: () => shown,
      set(value) {
        shown = String(value);
        if (mine) real.set.call(window, "ddc:" + stringify({ frame: mine.frame, v: mine.v, n: shown }));
      },
    });
  }

  /** For the frame around the page. */
  function reportPage() {
    let title = "";
    let url = location.href;
    const report = () => {
      if (document.title !== title) tell({ note: "title", title: (title = document.title) });
      if (location.href !== url) tell({ note: "hash", url: (url = location.href) });
    };
    new MutationObserver(report).observe(document.head || document.documentElement, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    listen.call(document, "DOMContentLoaded", report);
    for (const name of ["hashchange", "popstate"]) listen.call(window, name, report);
    if (window.navigation) listen.call(window.navigation, "currententrychange", report);
    listen.call(document, "click", () => tell({ note: "click" }), true);
    listen.call(window, "pageshow", (event) => {
      if (event.persisted) hello();
    });
  }

  function hello() {
    tell({ hello: true, url: location.href });
  }

  pretendClient();
  if (above) {
    share();
    return;
  }
  const flavour = config.flavour === "pc" ? pc(call) : config.flavour === "ios" ? ios() : android();
  disguise(flavour.name);
  hello();
  reportPage();
  if (flavour.ready) {
    listen.call(document, "DOMContentLoaded", () => document.dispatchEvent(new Event(flavour.ready)));
  }
})();
