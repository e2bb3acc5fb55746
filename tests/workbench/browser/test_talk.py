"""Conversations and work notifications in a real browser: at once, read, and harmless whatever they hold."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from sanfang.platform.domain import contacts, conversations, messages

from ..site import Site
from ..test_api_talk import app_of, notify
from .bench import MARKUP, Workbench, home


def say(site: Site, cid: str, sender: str, text: str) -> None:
    site.run(
        conversations.say(
            site.core,
            site.corp_id,
            sender=sender,
            cid=cid,
            msgtype="text",
            body={"content": text},
            app="",
        )
    )


def test_a_message_appears_at_once_and_being_read_is_kept(bench: Workbench) -> None:
    site = bench.site
    site.run(messages.mark_read(site.core, site.corp_id, "zhang"))
    page = bench.go("/#/messages")
    live(page)
    notify(site, "zhang", text="会议改到三点")
    badge = page.locator(".rail-item .badge")
    expect(badge).to_have_text("1")
    thread = page.locator(".thread", has_text="示例应用")
    expect(thread).to_contain_text("会议改到三点")
    thread.click()
    expect(page.locator(".message").last).to_contain_text("会议改到三点")
    expect(badge).to_be_hidden()
    notify(site, "zhang", text="又改到四点")
    expect(page.locator(".message").last).to_contain_text("又改到四点")
    expect(badge).to_be_hidden()
    page.reload()
    expect(page.locator(".message").last).to_contain_text("又改到四点")
    expect(page.locator(".rail-item .badge")).to_be_hidden()


def live(page: Page) -> None:
    """Wait until the page hears of new messages."""
    page.wait_for_selector("body[data-live=on]")


def test_members_talk_and_the_newest_is_in_view(bench: Workbench) -> None:
    site = bench.site
    people = ["zhang", "li", "wang"]  # of three: a group of its own
    cid = site.run(conversations.open_conversation(site.core, site.corp_id, people))
    for number in range(45):
        say(site, cid, "li", f"第 {number} 句，说得长一点，好让列表需要滚动")
    page = bench.go(f"/#/messages/{cid}")
    expect(page.locator(".message").last).to_be_in_viewport()
    assert page.locator(".message").count() == 30
    page.locator(".talk").evaluate("(e) => { e.scrollTop = 0; }")
    expect(page.locator(".message")).to_have_count(45)
    page.locator(".say textarea").fill("好的")
    page.keyboard.press("Enter")
    mine = page.locator(".message.mine").last
    expect(mine).to_contain_text("好的")
    expect(mine).to_be_in_viewport()
    heard = site.api("GET", f"/api/conversations/{cid}/messages", desk=site.sign_in("li")).json
    assert heard[-1]["data"]["content"] == "好的"


def test_being_read_shows_at_once_and_so_do_new_apps(bench: Workbench) -> None:
    site = bench.site
    cid = site.run(conversations.open_conversation(site.core, site.corp_id, ["zhang", "li"]))
    page = bench.go(f"/#/messages/{cid}")
    live(page)
    page.locator(".say textarea").fill("看到了吗")
    page.keyboard.press("Enter")
    reading = page.locator(".message.mine").last.locator(".reading")
    expect(reading).to_contain_text("0/1")
    site.run(messages.mark_read(site.core, site.corp_id, "li", cid=cid))
    expect(reading).to_contain_text("已读")
    expect(reading).not_to_contain_text("/")
    bench.rail("工作台")
    expect(page.locator(".app", has_text="示例应用")).to_be_visible()
    with home(site, f"{site.app.origin}/", name="改了名的应用"):
        expect(page.locator(".app", has_text="改了名的应用")).to_be_visible()
    expect(page.locator(".app", has_text="示例应用")).to_be_visible()


KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "text": ({"content": MARKUP}, MARKUP),
    "link": (
        {"messageUrl": "javascript:alert(1)", "picUrl": "@x", "title": MARKUP, "text": "说明"},
        MARKUP,
    ),
    "oa": (
        {
            "message_url": "http://x.example/",
            "head": {"bgcolor": "FFBBBBBB", "text": MARKUP},
            "body": {"title": MARKUP, "form": [{"key": MARKUP, "value": MARKUP}]},
        },
        MARKUP,
    ),
    "markdown": (
        {"title": "t", "text": f"# 标题\n**粗** {MARKUP} [x](javascript:alert(1))"},
        "<b>",
    ),
    "action_card": (
        {
            "title": MARKUP,
            "markdown": MARKUP,
            "btn_orientation": "1",
            "btn_json_list": [
                {"title": "同意", "action_url": "https://a.example/"},
                {"title": MARKUP, "action_url": "javascript:alert(1)"},
            ],
        },
        "同意",
    ),
    "voice": ({"media_id": "@lATx", "duration": "10"}, "10″"),
    "file": ({"media_id": "@lAzx"}, "文件"),
    "image": ({"media_id": "@lALx"}, ""),
}


def test_every_kind_is_rendered_and_markup_in_it_stays_text(bench: Workbench) -> None:
    site = bench.site
    for kind, (body, _) in KINDS.items():
        site.run(
            messages.send(
                site.core,
                app_of(site),
                agent_id=site.agent_id,
                touser=["zhang"],
                toparty=[],
                to_all=False,
                msgtype=kind,
                body=body,
            )
        )
    page = bench.go(f"/#/messages/app:{site.agent_id}")
    for kind, (_, shown) in KINDS.items():
        message = page.locator(f".message[data-type={kind}]").last
        expect(message).to_contain_text(shown)
    assert page.locator(".bubble b, .bubble [onerror], .bubble script").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    card = page.locator(".message[data-type=action_card]").last
    expect(card.get_by_role("link", name="同意")).to_have_attribute("href", "https://a.example/")
    expect(page.locator(".message[data-type=voice] audio").last).to_be_visible()
    heading = page.locator(".message[data-type=markdown]").last.get_by_role("heading")
    expect(heading).to_have_text("标题")


def test_names_and_titles_with_markup_stay_text(bench: Workbench) -> None:
    site = bench.site
    site.pages["/"] = "<!doctype html><title>&lt;img src=x onerror=alert(1)&gt;</title>"
    with home(site, f"{site.app.origin}/", name="<b>应用</b>"):
        page = bench.go()
        page.locator(".app", has_text="<b>应用</b>").click()
        expect(page.locator(".bar-title")).to_have_text("<img src=x onerror=alert(1)>")
        assert page.locator(".app b, .bar img").count() == 0


def test_a_members_name_with_markup_stays_text(stranger: Workbench) -> None:
    site = stranger.site
    site.run(contacts.create_member(site.core, site.corp_id, name="<b>赵</b>", userid="zhao"))
    page = stranger.go()
    page.locator(".person", has_text="<b>赵</b>").click()
    expect(page.locator(".me")).to_contain_text("<b>赵</b>")
    assert page.locator(".me b, .person b").count() == 0


def test_tabs_share_one_stream_and_one_member(bench: Workbench) -> None:
    page = bench.go("/#/messages")
    live(page)
    other = bench.context.new_page()
    streams: list[str] = []
    other.on("request", lambda r: streams.append(r.url) if r.url.endswith("/api/live") else None)
    other.goto(f"{bench.site.workbench_url}/#/messages")
    other.wait_for_selector(".threads")
    notify(bench.site, "zhang", text="两个标签页都看到")
    for each in (page, other):
        expect(each.locator(".thread", has_text="示例应用")).to_contain_text("两个标签页都看到")
    assert streams == []
    page.close()
    live(other)
    notify(bench.site, "zhang", text="剩下的接着听")
    expect(other.locator(".thread", has_text="示例应用")).to_contain_text("剩下的接着听")
    third = bench.context.new_page()
    third.goto(bench.site.workbench_url)
    third.locator(".me").click()
    third.get_by_role("dialog").get_by_role("button", name="李四").click()
    expect(other.locator(".me")).to_contain_text("李四")


def test_a_stream_that_breaks_is_taken_up_again(bench: Workbench) -> None:
    page = bench.page
    broken: list[str] = []

    def answer(route: Any) -> None:
        if broken:
            route.continue_()
        else:
            broken.append(route.request.url)
            route.fulfill(status=502, body="bad gateway")

    page.route("**/api/live", answer)
    page.clock.install()
    bench.go("/#/messages")
    expect(page.locator(".live")).to_contain_text("正在重连")
    notify(bench.site, "zhang", text="断线时发的")
    page.clock.fast_forward(3000)
    live(page)
    expect(page.locator(".live")).to_have_text("")
    expect(page.locator(".thread", has_text="示例应用")).to_contain_text("断线时发的")


def test_links_of_the_clients_own_scheme_open_apps(bench: Workbench) -> None:
    site = bench.site
    site.pages["/two"] = "<!doctype html><title>第二页</title>"
    inner = f"{site.app.origin}/two".replace(":", "%3A").replace("/", "%2F")
    scheme = "dingtalk://dingtalkclient/action"
    links = {
        "其中一页": f"{scheme}/openapp?corpid=x&app_id=0_{site.agent_id}&redirect_url={inner}",
        "主页": f"{scheme}/openapp?corpid=x&container_type=work_platform&app_id=0_{site.agent_id}",
        "按平台": f"{scheme}/open_platform_link?pcLink=http%3A%2F%2Fx.example&mobileLink={inner}",
        "不认识": f"{scheme}/format_disk?x=1",
    }
    buttons = [{"title": name, "action_url": link} for name, link in links.items()]
    body: dict[str, object] = {
        "title": "卡",
        "markdown": "卡",
        "btn_orientation": "0",
        "btn_json_list": buttons,
    }
    site.run(
        messages.send(
            site.core,
            app_of(site),
            agent_id=site.agent_id,
            touser=["zhang"],
            toparty=[],
            to_all=False,
            msgtype="action_card",
            body=body,
        )
    )
    page = bench.page
    for name, title in [("其中一页", "第二页"), ("主页", "签到"), ("按平台", "第二页")]:
        bench.go("/?#/messages")
        page.reload()  # the address alone may differ in its hash only
        page.locator(".thread", has_text="示例应用").click()
        page.locator(".message").last.locator("a, button", has_text=name).click()
        expect(page.locator(".device .bar-title")).to_have_text(title)
    bench.rail("消息")
    assert page.locator(".message").last.locator("a, button", has_text="不认识").count() == 0


def test_an_app_opened_in_a_conversation_is_told_which(bench: Workbench) -> None:
    site = bench.site
    cid = site.run(conversations.open_conversation(site.core, site.corp_id, ["zhang", "li"]))
    with home(site, f"{site.app.origin}/?chat=$DOUBLE_ENCCID$"):
        page = bench.go(f"/#/messages/{cid}")
        page.get_by_role("button", name="打开应用").click()
        page.get_by_role("dialog").get_by_role("button", name="示例应用").click()
        assert bench.frame().url.endswith(f"chat={cid}")


MARKDOWN = """async (text) => {
  const { markdown } = await import("/static/workbench/markdown.js");
  const box = document.createElement("div");
  const began = performance.now();
  box.append(...markdown(text, (url, ...content) => {
    const a = document.createElement("a");
    a.append(url, "=", ...content);
    return a;
  }));
  return [box.innerHTML, performance.now() - began];
}"""


def test_markdown_is_what_messages_write(bench: Workbench) -> None:
    page = bench.go()
    for text, html in {
        "a **b** *c* `d` ~~e~~": "<p>a <strong>b</strong> <em>c</em> <code>d</code> <s>e</s></p>",
        "一\n二": "<p>一<br>二</p>",
        "[x](http://a/b?c=1)": "<p><a>http://a/b?c=1=x</a></p>",
        "- 一\n- 二": "<ul><li>一</li><li>二</li></ul>",
        "3. 一\n4. 二": '<ol start="3"><li>一</li><li>二</li></ol>',
        "> 引\n> 用": "<blockquote>引<br>用</blockquote>",
        "```\n<b>\n```": "<pre>&lt;b&gt;</pre>",
        "---": "<hr>",
        "![图](javascript:x)": "<p>![图](javascript:x)</p>",
        "<i>x</i> **": "<p>&lt;i&gt;x&lt;/i&gt; **</p>",
    }.items():
        assert page.evaluate(MARKDOWN, text)[0] == html, text


def test_no_text_makes_markdown_slow(bench: Workbench) -> None:
    page = bench.go()
    for part in (
        "`",
        "[",
        "![",
        "*",
        "**a",
        "_",
        "__",
        "~~",
        "<font ",
        "> ",
        "- ",
        "#",
        "[](",
        "\n",
    ):
        took = page.evaluate(MARKDOWN, (part * 20_000)[:20_000])[1]
        assert took < 1500, (part, took)


def test_what_came_while_nobody_looked_is_unread_until_somebody_does(bench: Workbench) -> None:
    site = bench.site
    page = bench.go(f"/#/messages/app:{site.agent_id}")
    live(page)
    page.evaluate(
        """() => {
          window.looking = "hidden";
          Object.defineProperty(document, "visibilityState", { get: () => window.looking });
        }"""
    )
    notify(site, "zhang", text="没人看着")
    expect(page.locator(".message").last).to_contain_text("没人看着")
    expect(page.locator(".rail-item .badge")).to_have_text("1")
    page.evaluate(
        """() => {
          window.looking = "visible";
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    expect(page.locator(".rail-item .badge")).to_be_hidden()
