"""What people get wrong when they sign a page, in words: per cause, what happened and what to do.

The causes are those of ``page_trials``; ``{}`` is the detail a trial gives.
"""

from __future__ import annotations

from typing import NamedTuple


class Cause(NamedTuple):
    """``field`` is the part of the signed text that is wrong."""

    field: str
    zh: str
    en: str
    faq: str = "F14"


CAUSES: dict[str, Cause] = {
    # the address
    "hash_signed": Cause(
        "url",
        "签名的 url 带了 # 和它后面的部分；先去掉：location.href.split('#')[0]。",
        "What was signed has # and what follows in it; take location.href.split('#')[0].",
        "F11",
    ),
    "query_missing": Cause(
        "url",
        "签名的 url 少了 ? 后面的参数；要用页面完整的 location.href（只去掉 #）。",
        "The part after ? was not signed; sign the whole location.href, without # only.",
        "F11",
    ),
    "parameter_missing": Cause(
        "url",
        "签名的 url 少了参数 {}：签名之后页面地址又变了，或服务端拼地址时漏了它。",
        "The url that was signed lacks the parameter {}: the address changed after signing, or the"
        " server put it together without.",
        "F11",
    ),
    "query_reordered": Cause(
        "url",
        "签名的 url 参数顺序或编码被重新整理过；请原样使用 location.href。",
        "The query was put together anew before signing; use location.href as it is.",
        "F11",
    ),
    "query_encoded": Cause(
        "url",
        "签名的 url 对 ? 后的参数做了 URL 编码；应当用原样的或解码后的参数。",
        "The query was URL-encoded before signing; sign it as it is, or decoded.",
        "F11",
    ),
    "url_encoded": Cause(
        "url",
        "签名的 url 被整个编码过（encodeURIComponent/encodeURI）；签名的应当是原文。",
        "The whole url was encoded before signing (encodeURIComponent, encodeURI); sign it as it is.",
        "F11",
    ),
    "url_decoded": Cause(
        "url",
        "签名的 url 连路径一起解码了，或解码了两次；只有 ? 后的参数可以解码一次。",
        "The url was decoded path and all, or twice; only the query may be decoded, once.",
        "F11",
    ),
    "html_escaped": Cause(
        "url",
        "签名的 url 里 & 写成了 &amp;：地址来自 HTML 模板，没有还原。",
        "The url that was signed has &amp; for &: it was taken from HTML without unescaping.",
        "F11",
    ),
    "json_escaped": Cause(
        "url",
        "签名的 url 里 / 写成了 \\/：地址来自 JSON 文本，没有解析。",
        "The url that was signed has \\/ for /: it was taken from JSON text without parsing.",
        "F11",
    ),
    "slash": Cause(
        "url",
        "签名的 url 与页面地址差一个结尾的 /。",
        "The url that was signed differs from the page's by a slash at the end.",
        "F11",
    ),
    "scheme": Cause(
        "url",
        "签名的 url 协议不同（签的是 {}）：反向代理后面的服务端以为自己是 http，"
        "请转发 X-Forwarded-Proto 或改在页面取地址。",
        "Another scheme was signed ({}): behind a reverse proxy the server believes in http; forward"
        " X-Forwarded-Proto, or take the address in the page.",
    ),
    "port": Cause(
        "url",
        "签名的 url 端口不同（签的是 {}）：端口要与页面地址逐字相同，默认端口不写。",
        "Another port was signed ({}): it has to be written just as in the page's address, the"
        " default one not at all.",
    ),
    "host_missing": Cause(
        "url",
        "签名的只是路径，没有协议和域名；要用完整的 location.href。",
        "Only the path was signed, without scheme and host; sign the whole location.href.",
    ),
    "other_host": Cause(
        "url",
        "签名的 url 主机名不同（签的是 {}）。",
        "Another host was signed ({}).",
    ),
    "letter_case": Cause(
        "url",
        "签名的 url 大小写不同；要与页面地址逐字相同。",
        "The url that was signed differs in upper and lower case; it has to be the same to the letter.",
        "F11",
    ),
    "corpid_template": Cause(
        "url",
        "签名的 url 里还是 $CORPID$：签名要在页面打开之后，用替换过的地址。",
        "$CORPID$ is still in the url that was signed: sign the address of the page once it is open.",
        "F11",
    ),
    "home_signed": Cause(
        "url",
        "签名的是应用首页 {}，不是调用 dd.config 的这个页面。",
        "The app's home page {} was signed, not the page that calls dd.config.",
    ),
    "first_page": Cause(
        "url",
        "签名的是刚打开时的地址 {}，之后路由改了地址（history.pushState）；用当前的 location.href 签名。",
        "The address the page was opened with was signed ({}), and a route has changed it since"
        " (history.pushState); sign the location.href of now.",
    ),
    "origin_signed": Cause(
        "url",
        "签名的只是域名 {}；要签整个页面地址。",
        "Only the origin {} was signed; the whole address of the page has to be.",
    ),
    "parent_signed": Cause(
        "url",
        "签名的是上一级地址 {}；要签调用 dd.config 的页面。",
        "The address above, {}, was signed; sign that of the page which calls dd.config.",
    ),
    "other_origin": Cause(
        "url",
        "签名的是应用另一个域名下的同一页面（{}）；签页面实际所在的地址。",
        "The same page at another origin of the app was signed ({}); sign where the page really is.",
    ),
    "url_missing": Cause(
        "url",
        "签名时 url 是 {!r}：服务端没有收到页面地址。",
        "The url that was signed is {!r}: the server was not told the page's address.",
        "F11",
    ),
    # the ticket
    "ticket_superseded": Cause(
        "jsapi_ticket",
        "签名用的 ticket 已作废：{}又取了一个新的，旧的立即失效。所有服务共用一个 ticket。",
        "The ticket that was signed with is dead: a newer one was fetched {} and killed it at once."
        " Let all servers share one ticket.",
        "F11",
    ),
    "ticket_expired": Cause(
        "jsapi_ticket",
        "签名用的 ticket 已过期（{}）；ticket 有效期 7200 秒，过期前重新获取。",
        "The ticket that was signed with has expired ({}); it lives for 7200 seconds, get it anew"
        " before.",
        "F11",
    ),
    "ticket_other_app": Cause(
        "jsapi_ticket",
        "签名用的是应用 {} 的 ticket；ticket 只对获取它的应用有效，检查 agentId 与凭证是否属于同一应用。",
        "The ticket of the app {} was signed with; it is good for the app that fetched it only. See"
        " whether agentId and credentials are of one app.",
        "F14",
    ),
    "ticket_other_corp": Cause(
        "jsapi_ticket",
        "签名用的是企业 {} 的 ticket；ISV 要按页面的 corpId 取该企业的 ticket。",
        "The ticket of corp {} was signed with; an ISV takes that of the corp the page is open in.",
        "F14",
    ),
    "access_token": Cause(
        "jsapi_ticket",
        "签名用的是 access_token，不是 jsapi_ticket；再调一次 get_jsapi_ticket。",
        "An access_token was signed with in place of the jsapi_ticket; call get_jsapi_ticket with it.",
        "F14",
    ),
    "app_secret": Cause(
        "jsapi_ticket",
        "签名用的是应用的密钥，不是 jsapi_ticket。密钥绝不能进页面。",
        "The app's secret was signed with in place of the jsapi_ticket. Keep it out of pages.",
        "F14",
    ),
    "suite_ticket": Cause(
        "jsapi_ticket",
        "签名用的是推送来的 suite_ticket，不是 get_jsapi_ticket 取的 jsapi_ticket。",
        "The suite_ticket that is pushed was signed with, not the jsapi_ticket of get_jsapi_ticket.",
        "F14",
    ),
    "ticket_missing": Cause(
        "jsapi_ticket",
        "签名时没有 ticket（签的是 {!r}）：取 ticket 的结果没有读到，检查返回的 errcode 和字段名 ticket。",
        "There was no ticket to sign with ({!r}): see the errcode of get_jsapi_ticket and the field"
        " named ticket.",
        "F13",
    ),
    "ticket_unclean": Cause(
        "jsapi_ticket",
        "签名用的 ticket 多了空白、换行或引号（例如从文件读出后没有去掉）。",
        "The ticket that was signed with has a blank, a line end or quotes around it.",
        "F14",
    ),
    # nonce and timestamp
    "swapped": Cause(
        "noncestr, timestamp",
        "noncestr 和 timestamp 写反了。",
        "noncestr and timestamp are swapped.",
    ),
    "nonce_differs": Cause(
        "noncestr",
        "签名用的 noncestr 是 {!r}，与 dd.config 里的 nonceStr 不同。",
        "The noncestr that was signed is {!r}, not the nonceStr of dd.config.",
    ),
    "timestamp_differs": Cause(
        "timestamp",
        "签名用的 timestamp 是 {!r}，与 dd.config 里的 timeStamp 不同。",
        "The timestamp that was signed is {!r}, not the timeStamp of dd.config.",
    ),
    "timestamp_type": Cause(
        "timestamp",
        "签名用的 timestamp 写作 {!r}，dd.config 里是另一种写法（秒与毫秒、整数与小数）；两处文字要一样。",
        "The timestamp that was signed is written {!r} and otherwise in dd.config (seconds and"
        " milliseconds, with and without a fraction); both texts have to be the same.",
    ),
    "timestamp_twice": Cause(
        "timestamp",
        "签名用的 timestamp 是 {}，dd.config 里的差了一点：时间取了两次；取一次，两处都用它。",
        "The timestamp that was signed is {}, a little off from the page's: the clock was read twice."
        " Read it once for both.",
    ),
    # the text
    "names_misspelt": Cause(
        "text",
        "签名文本里写了 {}；这里的名字是全小写的 noncestr、timestamp，只有 dd.config 里才是 nonceStr、timeStamp。",
        "The text that was signed has {}; in it the names are noncestr and timestamp, all lower case."
        " Only dd.config has nonceStr and timeStamp.",
    ),
    "order": Cause(
        "text",
        "签名文本的顺序是 {}；应按字段名排序：jsapi_ticket、noncestr、timestamp、url。",
        "The text that was signed is in the order {}; it is jsapi_ticket, noncestr, timestamp, url.",
    ),
    "field_missing": Cause(
        "text",
        "签名文本少了 {}。",
        "The text that was signed lacks {}.",
    ),
    "values_only": Cause(
        "text",
        "签名文本只有值，没有“名=值”和 &（那是回调签名的写法）。",
        "Only the values were signed, without name= and & (that is how callbacks are signed).",
    ),
    "values_encoded": Cause(
        "text",
        "拼签名文本时对值做了 URL 编码；应当用原文。",
        "The values were URL-encoded in the text that was signed; they go in as they are.",
    ),
    "text_encoded": Cause(
        "text",
        "整个签名文本被 URL 编码过；应当用原文。",
        "The whole text was URL-encoded before signing; it is signed as it is.",
    ),
    "text_unclean": Cause(
        "text",
        "签名文本多了或少了字符（换行、多余的 &、被转成小写……）。",
        "The text that was signed has a character too many or too few (a line end, another &, lower"
        " case).",
    ),
    "hmac": Cause(
        "algorithm",
        "用了 HMAC；应当直接对文本做 SHA-1 或 SHA-256。",
        "HMAC was used; it is plain SHA-1 or SHA-256 over the text.",
    ),
}
