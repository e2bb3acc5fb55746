// The page that shows a QR code: asks how the scan stands, then goes on or tells the page around it.

const box = document.getElementById("qr");
const status = document.getElementById("status");
const again = document.getElementById("again");
const { watch, poll, shown, site } = box.dataset;
const until = performance.now() + Number(box.dataset.seconds) * 1000;

const TEXTS = {
  scanned: ["已扫描，请在手机上确认", "Scanned; confirm on your phone"],
  denied: ["对方拒绝了登录", "The sign-in was refused"],
  gone: ["二维码已失效", "The QR code is no longer good"],
  done: ["已确认", "Confirmed"],
  off: ["连不上平台，正在重试", "Cannot reach the platform; trying again"],
};

function say(name) {
  const [zh, en] = TEXTS[name];
  if (status.dataset.said === name) return;
  status.dataset.said = name;
  const side = document.createElement("span");
  side.lang = "en";
  side.className = "en";
  side.textContent = en;
  status.replaceChildren(zh, " ", side);
}

function over(name) {
  say(name);
  box.classList.add("over");
  document.getElementById("scan").hidden = true;
  again.hidden = false;
}

// The old frame posts the code to whatever page is around it, as documented: only pages on the hosts
// that the app has registered can be around it. The newer one names the site's origin.
function done(result) {
  say("done");
  if (shown === "page") location.replace(result);
  else if (shown === "frame") tell({ success: true, redirectUrl: result });
  else parent.postMessage(result, "*");
}

function tell(message) {
  parent.postMessage(message, site);
}

async function ask() {
  if (performance.now() > until) return over("gone");
  let told;
  try {
    const body = new URLSearchParams({ watch });
    const reply = await fetch(poll, { method: "POST", body, credentials: "omit" });
    told = await reply.json();
  } catch {
    say("off");
    return setTimeout(ask, 3000);
  }
  if (told.state === "done") return done(told.result);
  if (told.state === "denied") {
    if (shown === "frame") tell({ success: false, errorMsg: TEXTS.denied.join(" ") });
    return over("denied");
  }
  if (told.state === "gone") return over("gone");
  if (told.state === "scanned") say("scanned");
  return setTimeout(ask, 800);
}

again.addEventListener("click", () => location.reload());
ask();
