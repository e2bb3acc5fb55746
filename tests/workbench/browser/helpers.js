// What the tests' app does with its client: calls in every way it knows, kept apart by way.
window.strays = [];
window.addEventListener('message', (e) => { if (e.data && e.data.__ddc) strays.push(e.data); });
window.readies = [];
for (const name of ['runtimeready', 'WebViewJavascriptBridgeReady'])
  document.addEventListener(name, () => readies.push(name));
window.pick = (name) => name.split('.').reduce((o, k) => o && o[k], window.dd);
// A container that keeps silent is a failed test, not one that hangs.
window.silence = (resolve, what) => setTimeout(() => resolve({ silence: what }), 15000);
window.call = (name, params) => new Promise((resolve) => {
  const out = {};
  silence(resolve, name);
  const done = () => setTimeout(() => resolve(out), 0);
  const fn = pick(name);
  if (typeof fn !== 'function') { resolve({ missing: name }); return; }
  const promise = fn(Object.assign({}, params, {
    onSuccess: (v) => { out.success = v === undefined ? null : v; done(); },
    onFail: (e) => { out.fail = e === undefined ? null : e; done(); },
    onCancel: (e) => { out.cancel = e === undefined ? null : e; done(); },
  }));
  if (promise && promise.then) promise.then(
    (v) => { out.resolved = v === undefined ? null : v; done(); },
    (e) => { out.rejected = e instanceof Error ? String(e) : e; done(); });
});
window.configure = (config) => new Promise((resolve) => {
  silence(resolve, 'dd.config');
  dd.config(config);
  dd.ready(() => resolve({ ready: true }));
  dd.error((e) => resolve({ error: e instanceof Error ? String(e) : e }));
});
window.ask = async (path, params) =>
  (await fetch(path + '?' + new URLSearchParams(params))).json();
window.signedConfig = (names, more) => ask('/config', Object.assign({
  url: location.href.split('#')[0], names: names.join(',') }, more));
