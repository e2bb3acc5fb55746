// The device the simulator pretends to be. Kept in this browser; sent with every call.

const KEY = "sanfang-device";

export const DEFAULTS = Object.freeze({
  version: "8.3.20",
  latitude: 30.279136,
  longitude: 120.026161,
  accuracy: 60,
  location: true,
  network: "wifi",
  ssid: "sanfang-office",
  mac: "3c:12:aa:09:77:01",
  scan: "https://example.com/ticket/42",
  nfc: "sanfang-tag-001",
  uuid: "",
});

/** What is set now; abilities read it, the panel changes it through `set`. */
export const values = { ...DEFAULTS, ...stored() };
if (!values.uuid) set("uuid", crypto.randomUUID ? crypto.randomUUID().replaceAll("-", "") : "0".repeat(32));

function stored() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) || "{}");
    return Object.fromEntries(
      Object.entries(found).filter(([name, value]) => name in DEFAULTS && typeof value === typeof DEFAULTS[name]),
    );
  } catch {
    return {};
  }
}

export function set(name, value) {
  values[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(values));
  } catch {
    // No storage: it holds until the page is left.
  }
  dispatchEvent(new CustomEvent("sanfang-device", { detail: { name, value } }));
}

export function reset() {
  for (const [name, value] of Object.entries(DEFAULTS)) if (name !== "uuid") set(name, value);
}
