// The workbench's API. Every failure is an ApiError with code, zh, en, faq.

export class ApiError extends Error {
  constructor(status, body) {
    super(`${body.zh || ""} ${body.en || ""}`.trim() || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? status;
    this.zh = body.zh || "";
    this.en = body.en || "";
    this.faq = body.faq || "";
  }
}

async function ask(method, path, body, type) {
  const headers = { "X-Sanfang-Desk": "1" };
  if (body !== undefined) headers["Content-Type"] = type;
  let response;
  try {
    response = await fetch(path, { method, headers, body, credentials: "same-origin" });
  } catch {
    throw new ApiError(0, { zh: "连不上平台，请检查它是否在运行。", en: "The platform cannot be reached; is it running?" });
  }
  let answer = {};
  try {
    answer = await response.json();
  } catch {
    // An error page of something in between.
  }
  if (!response.ok) {
    if (response.status === 401) dispatchEvent(new Event("sanfang-signed-out"));
    throw new ApiError(response.status, answer);
  }
  return answer;
}

const JSON_TYPE = "application/json";

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, JSON.stringify(body), JSON_TYPE);
export const remove = (path) => ask("DELETE", path);
/** Send a file; the answer is {media_id, url, name, size}. */
export const upload = (frame, file, kind = "image") =>
  ask(
    "POST",
    `/api/media?${new URLSearchParams({ frame, name: file.name || "upload", kind })}`,
    file,
    "application/octet-stream",
  );
