// DDLogin: puts a QR code for signing in into a page. The page that uses it:
//
//   <script src="http://PLATFORM/dingding/dinglogin/0.0.5/ddLogin.js"></script>
//   DDLogin({ id: "box", goto: encodeURIComponent(ADDRESS_OF_SNS_AUTHORIZE), width: "365", height: "400" });
//   addEventListener("message", (event) => { if (event.origin === "http://PLATFORM") ... event.data });
//
// event.data is the loginTmpCode; the page then opens ADDRESS_OF_SNS_AUTHORIZE&loginTmpCode=...
(function () {
  "use strict";
  var platform = new URL(document.currentScript.src).origin;

  function pixels(value, usual) {
    var number = parseInt(value, 10);
    return String(number > 0 ? number : usual);
  }

  window.DDLogin = function (options) {
    var place = document.getElementById(options.id);
    if (!place) throw new Error("DDLogin: 页面里没有 id 为 " + options.id + " 的元素 · no such element");
    var address = platform + "/login/qrcode.htm?goto=" + options.goto;
    if (options.style) address += "&style=" + encodeURIComponent(options.style);
    if (options.href) address += "&href=" + encodeURIComponent(options.href);
    var frame = document.createElement("iframe");
    frame.src = address;
    frame.title = "扫码登录 · Sign in by QR code";
    frame.width = pixels(options.width, 365);
    frame.height = pixels(options.height, 400);
    frame.setAttribute("frameborder", "0");
    frame.setAttribute("scrolling", "no");
    if (options.style) frame.style.cssText = options.style;
    place.replaceChildren(frame);
  };
})();
