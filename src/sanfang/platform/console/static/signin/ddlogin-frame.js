// DTFrameLogin: the newer QR code for signing in, for the OAuth2 page. The page that uses it:
//
//   <script src="http://PLATFORM/dingding/h5-dingtalk-login/0.21.0/ddlogin.js"></script>
//   DTFrameLogin({ id: "box", width: 300, height: 300 },
//     { redirect_uri: encodeURIComponent(URL), client_id, scope: "openid", response_type: "code",
//       prompt: "consent", state },
//     ({ redirectUrl, authCode, state }) => { location.href = redirectUrl; },
//     (errorMsg) => { ... });
//
// The page has to be of the same origin as redirect_uri.
(function () {
  "use strict";
  var platform = new URL(document.currentScript.src).origin;
  var NAMES = ["redirect_uri", "client_id", "scope", "response_type", "prompt", "state", "org_type"];
  NAMES.push("corpId", "exclusiveLogin", "exclusiveCorpId");

  function query(login) {
    var parts = ["iframe=true"];
    NAMES.forEach(function (name) {
      var value = login[name];
      if (value === undefined || value === null || value === "") return;
      // redirect_uri is given encoded; the others are not.
      parts.push(name + "=" + (name === "redirect_uri" ? value : encodeURIComponent(value)));
    });
    return parts.join("&");
  }

  window.DTFrameLogin = function (place, login, onSuccess, onError) {
    var fail = onError || function () {};
    var box = document.getElementById(place.id);
    if (!box) return fail("页面里没有 id 为 " + place.id + " 的元素 · no such element");
    var back;
    try {
      back = new URL(decodeURIComponent(login.redirect_uri));
    } catch (error) {
      return fail("redirect_uri 应为 encodeURIComponent 之后的完整地址 · a whole URL, encoded once");
    }
    if (back.origin !== location.origin) {
      return fail("页面与 redirect_uri 必须同源 · the page and redirect_uri have to be of one origin");
    }
    var frame = document.createElement("iframe");
    frame.src = platform + "/oauth2/auth?" + query(login);
    frame.title = "扫码登录 · Sign in by QR code";
    frame.width = String(parseInt(place.width, 10) || 300);
    frame.height = String(parseInt(place.height, 10) || 300);
    frame.setAttribute("frameborder", "0");
    frame.setAttribute("scrolling", "no");
    box.replaceChildren(frame);
    window.addEventListener("message", function heard(event) {
      if (event.origin !== platform || event.source !== frame.contentWindow) return;
      var told = event.data || {};
      if (!told.success) return fail(String(told.errorMsg || "login failed"));
      window.removeEventListener("message", heard);
      var target = new URL(told.redirectUrl);
      (onSuccess || function () {})({
        redirectUrl: told.redirectUrl,
        authCode: target.searchParams.get("authCode"),
        state: target.searchParams.get("state"),
      });
    });
  };
})();
