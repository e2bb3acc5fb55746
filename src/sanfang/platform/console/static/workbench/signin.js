// Choosing who to be. In a sandbox anybody can be any member; elsewhere a one-time link says who.

import { get, post } from "./api.js";
import { avatar, bi, fill, h } from "./dom.js";

/** Show the page on which a member is chosen; resolves to the desk. */
export function signIn(root, { sandbox, wish = "" }) {
  return new Promise((resolve) => {
    const problem = h("p", { class: "problem", role: "alert" });
    const enter = async (corp_id, userid) => {
      problem.textContent = "";
      try {
        resolve(await post("/api/desk", { corp_id, userid }));
      } catch (error) {
        problem.textContent = `${error.zh} ${error.en}`;
      }
    };
    const [corp, user] = wish.split("/");
    if (sandbox && corp && user) {
      enter(corp, user).then(() => {});
    }
    fill(
      root,
      h(
        "main",
        { class: "signin" },
        h("h1", {}, bi("工作台", "Workbench")),
        sandbox ? chooser(enter, problem) : elsewhere(),
        problem,
      ),
    );
    root.querySelector("input")?.focus();
  });
}

/** The secret of a one-time link in the page's address; "" without one. */
export function linkSecret() {
  return /^#\/link\/([\w-]+)$/.exec(location.hash)?.[1] || "";
}

/**
 * Show whom a one-time link signs in, and do it when the button is pressed: a mere look, by whatever
 * previews links, leaves it good. `current` is the desk there is; resolves to the desk there is then.
 */
export function enterByLink(root, secret, current) {
  return new Promise((resolve) => {
    const problem = h("p", { class: "problem", role: "alert" });
    const who = h("p", { class: "link-who" }, bi("正在查看链接", "Looking at the link"));
    const go = button("登录", "Sign in", "primary", () => attempt("/api/link", resolve));
    const not = button("不登录", "Not now", "", () => resolve(current));
    go.disabled = true;

    async function attempt(path, then) {
      go.disabled = true;
      try {
        then(await post(path, { secret }));
      } catch (error) {
        fill(who);
        go.remove();
        fill(problem, h("span", { lang: "zh-CN" }, error.zh), " ", h("span", { lang: "en" }, error.en));
      }
    }

    fill(root, h("main", { class: "signin" }, h("h1", {}, bi("登录工作台", "Sign in to the workbench")), who, problem, h("div", { class: "dialog-buttons" }, not, go)));
    attempt("/api/link/look", (found) => {
      fill(who, avatar(found.name), " ", h("strong", {}, found.name), " ", h("small", {}, `${found.corp_name} · ${found.userid}`));
      go.disabled = false;
      go.focus();
    });
  });
}

function button(zh, en, kind, onclick) {
  return h("button", { type: "button", class: kind || null, onclick }, bi(zh, en));
}

function elsewhere() {
  return [
    h("p", { lang: "zh-CN" }, "这个平台不是沙箱，不能直接选择身份。请向平台管理员要一个一次性的登录链接："),
    h("p", { lang: "en" }, "This platform is no sandbox, so nobody can just become somebody. Ask its administrator for a one-time link:"),
    h("pre", {}, "sanfang workbench link CORP_ID USERID"),
  ];
}

/** A search field and the people it finds. */
export function chooser(enter, problem, { current = null } = {}) {
  const list = h("ul", { class: "people", "aria-label": "成员 Members" });
  const status = h("p", { class: "quiet", role: "status" });
  const field = h("input", {
    type: "search",
    id: "who",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "姓名、userid、企业 · name, userid, corp",
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(look, 150);
    },
  });
  let timer = 0;
  let asked = 0;

  async function look() {
    asked += 1;
    const turn = asked;
    try {
      const { people, more } = await get(`/api/people?${new URLSearchParams({ search: field.value.trim() })}`);
      if (turn !== asked) return;
      fill(list, people.map(person));
      status.textContent = people.length
        ? more
          ? "还有更多，请输入姓名 There are more, type a name"
          : ""
        : "没有找到成员 Nobody found";
    } catch (error) {
      problem.textContent = `${error.zh} ${error.en}`;
    }
  }

  function person(each) {
    const here = current && each.corp_id === current.corp_id && each.userid === current.userid;
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "person",
          "aria-current": here ? "true" : null,
          onclick: () => enter(each.corp_id, each.userid),
        },
        avatar(each.name, each.avatar),
        h(
          "span",
          { class: "person-text" },
          h("span", { class: "person-name" }, each.name, each.is_admin ? h("span", { class: "tag" }, "管理员 admin") : null),
          h("small", {}, [each.corp_name, each.title, each.userid].filter(Boolean).join(" · ")),
        ),
      ),
    );
  }

  look();
  return h(
    "div",
    { class: "chooser" },
    h("label", { for: "who" }, bi("以谁的身份登录？", "Sign in as")),
    field,
    status,
    list,
  );
}
