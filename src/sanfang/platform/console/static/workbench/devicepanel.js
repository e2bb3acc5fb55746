// The panel in which the simulated device is set: where it is, what it may, what it reads.

import { bi, h } from "./dom.js";
import { DEFAULTS, reset, set, values } from "./device.js";

const PLACES = [
  ["杭州 Hangzhou", 30.279136, 120.026161],
  ["北京 Beijing", 39.908823, 116.39747],
  ["上海 Shanghai", 31.239703, 121.499718],
  ["深圳 Shenzhen", 22.543096, 114.057865],
];
const NETWORKS = ["wifi", "5g", "4g", "3g", "2g", "unknown", "none"];
const VERSIONS = ["8.3.20", "6.5.40", "4.6.36", "2.10.0", "2.6.0"];

export class DevicePanel {
  constructor(stage) {
    this.stage = stage;
    this.root = h("section", { class: "pane device-panel", "aria-labelledby": "device-title" });
    this.draw();
  }

  draw() {
    this.root.replaceChildren(
      h("h1", { id: "device-title" }, bi("设备模拟器", "Device simulator")),
      h("p", { class: "quiet" }, bi("每次调用都带着这些值。", "Every call carries these values.")),
      group("位置", "Position", [
        toggle("location", "允许定位", "Location allowed"),
        h("p", { class: "quiet" }, bi("关闭后定位报错 4。", "Off: location fails with code 4.")),
        this.places(),
        number("latitude", "纬度", "Latitude", { min: -90, max: 90, step: "any" }),
        number("longitude", "经度", "Longitude", { min: -180, max: 180, step: "any" }),
        number("accuracy", "精度（米）", "Accuracy (m)", { min: 1, max: 100000, step: 1 }),
      ]),
      group("网络", "Network", [
        choice("network", "网络类型", "Network type", NETWORKS),
        text("ssid", "Wi-Fi 名称", "Wi-Fi name"),
        text("mac", "Wi-Fi MAC", "Wi-Fi MAC"),
      ]),
      group("客户端", "Client", [
        text("version", "版本", "Version", VERSIONS),
        h("p", { class: "quiet" }, bi("重新打开应用后生效；iOS 低于 2.7 时 # 变化会丢授权。", "Counts from the next opening; iOS below 2.7 drops grants on a hash change.")),
      ]),
      group("读取", "Reading", [text("scan", "扫码内容", "Scanned text"), text("nfc", "NFC 内容", "NFC content")]),
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            reset();
            this.draw();
          },
        },
        bi("恢复默认", "Reset"),
      ),
    );
  }

  places() {
    const buttons = PLACES.map(([name, latitude, longitude]) =>
      h(
        "button",
        {
          type: "button",
          class: "small",
          onclick: () => {
            set("latitude", latitude);
            set("longitude", longitude);
            this.draw();
          },
        },
        name,
      ),
    );
    return h("div", { class: "places" }, buttons);
  }
}

function group(zh, en, content) {
  return h("fieldset", { class: "group" }, h("legend", {}, bi(zh, en)), content);
}

function row(id, zh, en, input) {
  return h("div", { class: "row" }, h("label", { for: id }, bi(zh, en)), input);
}

function text(name, zh, en, suggested = null) {
  const id = `device-${name}`;
  const list = suggested && h("datalist", { id: `${id}-list` }, suggested.map((value) => h("option", { value })));
  const input = h("input", {
    id,
    type: "text",
    value: String(values[name]),
    maxlength: "200",
    list: suggested ? `${id}-list` : null,
    onchange: (event) => set(name, event.target.value.trim() || DEFAULTS[name]),
  });
  return h("div", {}, row(id, zh, en, input), list);
}

function number(name, zh, en, limits) {
  const id = `device-${name}`;
  const input = h("input", {
    id,
    type: "number",
    value: String(values[name]),
    ...limits,
    onchange: (event) => {
      const value = event.target.valueAsNumber;
      if (Number.isFinite(value) && value >= limits.min && value <= limits.max) set(name, value);
      else event.target.value = String(values[name]);
    },
  });
  return row(id, zh, en, input);
}

function toggle(name, zh, en) {
  const id = `device-${name}`;
  const input = h("input", { id, type: "checkbox", checked: values[name], onchange: (event) => set(name, event.target.checked) });
  return row(id, zh, en, input);
}

function choice(name, zh, en, options) {
  const id = `device-${name}`;
  const select = h(
    "select",
    { id, onchange: (event) => set(name, event.target.value) },
    options.map((value) => h("option", { value, selected: value === values[name] }, value)),
  );
  return row(id, zh, en, select);
}
