// 签到看板: who you are without a password, where you are, and the picture of today.
import { chart } from './chart.js';
import {
  configured, get, getPosition, outside, pickConversation, post, said, signInPage, whoAmI,
} from './dingtalk.js';

const corpId = new URLSearchParams(location.search).get('corpid') || '';
const at = (id) => document.getElementById(id);
const AGAIN = 15000; // ms between two looks at the board

let allowed; // a promise: dd.config went well

async function begin() {
  at('check-in').addEventListener('click', () => busy(at('check-in'), checkIn));
  at('share').addEventListener('click', () => busy(at('share'), share));
  at('where').addEventListener('submit', (event) => {
    event.preventDefault();
    busy(at('where').querySelector('button'), () => record({ place: at('place').value }));
  });
  if (!outside) {
    allowed = configured(corpId);
    allowed.catch((error) => tell(`权限校验失败 · refused：${said(error)}`, true));
  }
  try {
    const me = await whoAmI(corpId);
    if (!me) {
      at('mine').textContent = '你在钉钉之外，请先登录。 · Please sign in.';
      at('sign-in').href = signInPage(corpId);
      at('sign-in').hidden = false;
      return;
    }
    at('hello').textContent = `${me.name || me.userid}，你好`;
    at('check-in').disabled = false;
    at('share').disabled = outside; // there is nobody to pick a conversation with
    await show();
  } catch (error) {
    at('mine').textContent = `没能登录 · not signed in：${said(error)}`;
    return;
  }
  setInterval(() => { if (!document.hidden) show().catch(() => {}); }, AGAIN);
}

async function checkIn() {
  let found;
  try {
    if (outside) throw new Error('no client');
    await allowed;
    found = await getPosition({ targetAccuracy: 200, coordinate: 1, withReGeocode: true, useCache: true });
  } catch (error) {
    askWhere(error); // a desktop has no position, a phone may refuse it: then in words
    return;
  }
  const position = { latitude: Number(found.latitude), longitude: Number(found.longitude) };
  const words = found.address || `${position.latitude.toFixed(4)}, ${position.longitude.toFixed(4)}`;
  await record({ place: words.slice(0, 80), ...position });
}

function askWhere(error) {
  const denied = String(error?.errorCode) === '4';
  at('why').textContent = denied ? '（手机没有允许定位 · not allowed）' : '（这里没有定位 · no position）';
  at('where').hidden = false;
  at('place').focus();
}

async function record(checkin) {
  await post('../api/checkins', checkin);
  at('where').hidden = true;
  at('place').value = '';
  await show();
  tell('已签到 · Checked in');
}

async function share() {
  await allowed;
  let picked;
  try {
    picked = await pickConversation({ corpId, isConfirm: true });
  } catch (error) {
    if (String(error?.errorCode) === '-1') return; // thought better of it
    throw error;
  }
  await post('../api/share', { cid: picked.cid });
  tell(`已分享到 · Shared to ${picked.title || '会话'}`);
}

async function show() {
  const board = await get('../api/board');
  at('day').textContent = board.day;
  at('mine').textContent = board.mine ? `${board.mine.at} ${board.mine.place}` : '今天还没有签到 · not yet today';
  at('chart').replaceChildren(chart(board.departments));
  at('latest').replaceChildren(...board.latest.map(line));
}

function line(one) {
  const item = document.createElement('li');
  const name = document.createElement('b');
  name.textContent = one.name;
  const rest = document.createElement('span');
  rest.textContent = `${one.at} ${one.department} · ${one.place}`;
  item.append(name, rest);
  return item;
}

// One thing at a time; whatever fails is said in words.
async function busy(button, work) {
  button.disabled = true;
  tell('');
  try {
    await work();
  } catch (error) {
    tell(said(error), true);
  } finally {
    button.disabled = false;
    if (document.activeElement === document.body) (button.offsetParent ? button : at('check-in')).focus();
  }
}

function tell(text, bad = false) {
  at('told').textContent = text;
  at('told').classList.toggle('bad', bad);
}

begin();
