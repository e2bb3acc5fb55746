// What this app takes of the official package, module by module: 80 KB in place of 310.
import dd from 'dingtalk-jsapi/core';
import 'dingtalk-jsapi/entry/union';
import requestAuthCode from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode';
import getPosition from 'dingtalk-jsapi/api/device/geolocation/get';
import pickConversation from 'dingtalk-jsapi/api/biz/chat/pickConversation';

const AGAIN = 'signed-again';

export { dd, requestAuthCode, getPosition, pickConversation };

// Ask our server for the signature, and wait for the client's verdict. dd.ready is registered
// after dd.config: earlier it would run at once (jsapi.md section 4).
export async function configured(corpId) {
  const url = location.href;
  const config = await post('../dingtalk/config', { url, corp_id: corpId });
  try {
    await new Promise((resolve, reject) => {
      dd.error((error) => reject(error));
      dd.config(config);
      dd.ready(() => resolve());
    });
    remember(AGAIN, '');
  } catch (error) {
    if (!await signAgain(error, { url, corp_id: corpId, config })) throw error;
    remember(AGAIN, 'yes');
    location.reload();
    await new Promise(() => {}); // this page is over
  }
}

// 52013, and the ticket is dead: another program fetched one. Our server is told and has a new one;
// the page is loaded again, once.
async function signAgain(error, failed) {
  if (!said(error).includes('52013') || remember(AGAIN, 'no') !== '') return false;
  return (await post('../dingtalk/failed', failed).catch(() => ({}))).again === true;
}

// Keep a word over a reload; returns the one before, null where the browser keeps nothing.
function remember(name, word) {
  try {
    const before = sessionStorage.getItem(name) || '';
    sessionStorage.setItem(name, word);
    return before;
  } catch {
    return null;
  }
}

// Whether the page is open in an ordinary browser and not in DingTalk's client.
export const outside = dd.env.platform === 'notInDingTalk';

// The member by 免登 in the client; in a browser whoever has signed in on the web, or null.
export async function whoAmI(corpId) {
  return outside ? get('../dingtalk/me').catch(() => null) : signedIn(corpId);
}

// Where to sign in on the web, and to come back from.
export function signInPage(corpId) {
  const back = location.pathname + location.search;
  return `../dingtalk/signin?${new URLSearchParams({ next: back, corp_id: corpId })}`;
}

// 免登: a code from the client, once; our server exchanges it and keeps the session in a cookie.
async function signedIn(corpId) {
  const { code } = await requestAuthCode({ corpId });
  return post('../dingtalk/login', { code, corp_id: corpId });
}

export async function get(path) {
  return answered(await fetch(path, { credentials: 'same-origin' }));
}

export async function post(path, body) {
  return answered(await fetch(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }));
}

async function answered(response) {
  const content = await response.json().catch(() => ({}));
  if (response.ok) return content;
  throw new Error(content.zh || `HTTP ${response.status}`);
}

// What went wrong, of the client's error or of our own, in one line.
export function said(error) {
  return String(error?.errorMessage || error?.message || error);
}
