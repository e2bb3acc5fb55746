// Links of the client's own scheme, as messages carry them (jsapi.md 6): which app, which page.

/**
 * @returns {{url: string, agentId: number}} url "" where the app's home page is meant, agentId 0
 *   where the page says it; null for what opens nothing here
 */
export function readLink(link, { pc = false } = {}) {
  if (/^https?:/i.test(link || "")) return { url: link, agentId: 0 };
  const found = /^dingtalk:\/\/dingtalkclient\/(page|action)\/(\w+)\/?\?(.*)$/i.exec(link || "");
  if (!found) return null;
  const query = new URLSearchParams(found[3]);
  const agentId = Number((query.get("app_id") || "").replace(/^0_/, "")) || 0;
  const pages = {
    link: query.get("url"),
    openapp: query.get("redirect_url") || query.get("redirectUrl") || "",
    open_micro_app: query.get("page") || "",
    open_platform_link: (pc ? query.get("pcLink") : query.get("mobileLink")) || query.get("mobileLink") || query.get("pcLink"),
  };
  const page = pages[found[2]];
  if (page === undefined || page === null) return null;
  if (/^dingtalk:/i.test(page)) return readLink(page, { pc });
  const url = /^https?:/i.test(page) ? page : "";
  return url || agentId ? { url, agentId } : null;
}
