// The rows of the FAQ that a page in the workbench can run into: symptom, and causes with their remedy.

export const FAQ = {
  F1: [
    "应用怎样知道企业和用户 · How does the app learn corp and user",
    [
      "主页地址里写 $CORPID$，打开时换成成员的企业；用户用 requestAuthCode 得到 code，由服务器换取。",
      "Write $CORPID$ in the home page's address; the user comes from the code of requestAuthCode, exchanged by your server.",
    ],
  ],
  F2: [
    "对不起，您无权限查看该页面 · No permission to see this page",
    [
      "页面不在应用登记的域名上，或成员不在应用的可见范围，或 redirect_uri 没有编码。",
      "The page is not on a registered host, the member is outside the app's visible scope, or redirect_uri is not encoded.",
    ],
  ],
  F3: [
    "code 用过或过期 · The code was used, or is old",
    ["code 只能用一次，五分钟内有效；每次重新获取。", "A code is good once and for five minutes; get a new one each time."],
  ],
  F4: [
    "errorCode 3，域名不是安全域名 · not a secure domain",
    [
      "在管理后台把应用主页设到这个域名；主页跳转到别的域名也是这个错误。",
      "Set the app's home page on this host in the admin console; a home page that redirects elsewhere ends here too.",
    ],
  ],
  F10: [
    "080003，agentId 不对 · wrong agentId",
    [
      "套件应用：用授权信息里的 agentid；自建应用：用管理后台的 agentid。每个企业不同。",
      "A suite's app takes the agentid of the authorisation info, an own app that of the admin console. It differs by corp.",
    ],
  ],
  F11: [
    "权限校验失败，errorCode 3 · permission check failed",
    [
      "ticket 过了 7200 秒；别人又取了一个新的；签名用的 url 和页面不同；没有去掉 #。",
      "The ticket is older than 7200 s; somebody fetched a newer one; the url signed is not the page's; the hash was not removed.",
    ],
  ],
  F12: [
    "errorCode 3，52019",
    ["corpId 不对，或 agentId 不是该企业的。", "The corpId is wrong, or the agentId is not of that corp."],
  ],
  F13: [
    "52011，ticket 读取失败 · the ticket could not be read",
    [
      "agentId 没传对；这个应用从来没有取过 ticket；ticket 已过期（2 小时）。",
      "The agentId is not sent right; no ticket was ever fetched for this app; the ticket has expired (2 h).",
    ],
  ],
  F14: [
    "52013，签名校验失败 · signature check failed",
    [
      "对照左右两列：url、nonceStr、timeStamp、ticket 必须逐字相同。",
      "Compare the two columns: url, nonceStr, timeStamp and ticket have to be the same to the letter.",
      "常见原因：url 带了 #；url 被再次编码；用了旧 ticket；算法写错。",
      "Usual causes: the hash left on; the url encoded once more; an old ticket; a wrong algorithm.",
    ],
  ],
  F15: [
    "iOS 单页应用换路由后能力失效 · iOS, one-page app: abilities fail after a route change",
    [
      "2.7 之前的 iOS 客户端在 # 变化后丢掉授权；路由变化后重新 dd.config。",
      "iOS clients before 2.7 drop the grant when the hash changes; call dd.config again after a route change.",
    ],
  ],
  F16: [
    "errorCode 7",
    [
      "方法不在 jsApiList 里；或在 dd.config 成功之前调用；或 dd.ready 写在 dd.config 前面。",
      "The method is not in jsApiList; it was called before dd.config succeeded; or dd.ready stands before dd.config.",
    ],
  ],
  F17: [
    "怎样得到能力的许可 · How to be allowed an ability",
    ["写进 jsApiList 并通过 dd.config；有些能力不需要。", "List it in jsApiList and pass dd.config; some need none."],
  ],
  F18: [
    "标题栏颜色 · colour of the title bar",
    ["页面地址加 dd_nav_bgcolor=FF112233（透明度加颜色）。", "Put dd_nav_bgcolor=FF112233 (alpha, then RGB) into the page's address."],
  ],
  F19: [
    "定位报 unauthorized，errorCode 4 · location says unauthorized",
    ["设备关闭了定位权限；在设备模拟器里打开。", "Location is switched off on the device; switch it on in the device simulator."],
  ],
  F20: [
    "cid 从哪里来 · Where does the cid come from",
    ["用 JSAPI 选择会话得到 cid，再由服务器向它发消息。", "Pick a conversation through JSAPI; the server then writes to that cid."],
  ],
  F21: [
    "读不到 NFC · NFC cannot be read",
    ["只有安卓客户端有 NFC。", "Only Android clients have NFC."],
  ],
};
