// Elements without markup: everything that comes from data becomes text nodes and attributes.

/** Make an element. Props: class, onclick and other listeners, style (an object), attributes. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "style") {
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    } else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A label in both languages: Chinese, and English small beside it. */
export function bi(zh, en, props = {}) {
  return h(
    "span",
    { ...props, class: `bi ${props.class || ""}` },
    h("span", { lang: "zh-CN" }, zh),
    " ",
    h("small", { lang: "en" }, en),
  );
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An address a link or a picture may have, or "" for scripts and other inventions. */
export function safeUrl(text) {
  try {
    const url = new URL(String(text), location.href);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : "";
  } catch {
    return "";
  }
}

const HUES = [212, 262, 152, 22, 332, 188, 42, 292];

/**
 * A round picture of a person, a square one of an app: what `source` (an address or a media id)
 * shows, else the letters of the name.
 */
export function avatar(name, source = "", square = false) {
  const shape = square ? "avatar square" : "avatar";
  const src = pictureUrl(source);
  if (!src) return initials(name, shape);
  const image = h("img", {
    class: shape,
    src,
    alt: "",
    referrerpolicy: "no-referrer",
    onerror: () => image.replaceWith(initials(name, shape)),
  });
  return image;
}

/** Where a picture is: an address, or a media id; "" for anything else. */
export function pictureUrl(source) {
  if (/^https?:/i.test(source || "")) return safeUrl(source);
  return /^[@$][\w-]{4,}$/.test(source || "") ? `/api/media/${encodeURIComponent(source)}` : "";
}

function initials(name, shape) {
  const letters = [...String(name || "?")];
  const text = /^[\x20-\x7e]/.test(letters[0]) ? letters.slice(0, 2) : letters.slice(-2);
  const hue = HUES[letters.reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7) % HUES.length];
  return h(
    "span",
    { class: shape, "aria-hidden": "true", style: { "background-color": `hsl(${hue} 55% 30%)` } },
    text.join(""),
  );
}

let lastId = 0;

/** An id no other element has. */
export function uid(prefix = "w") {
  lastId += 1;
  return `${prefix}${lastId}`;
}

/** Whether movement is unwelcome. */
export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
