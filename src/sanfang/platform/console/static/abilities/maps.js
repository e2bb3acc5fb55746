// Places: a list by distance instead of a map, or a position that a person types (GCJ-02).

import { ask, CANCEL, dress, field, h, OK, row, searchable } from "./shared.js";

function far(metres) {
  return metres < 1000 ? `${metres} m` : `${(metres / 1000).toFixed(1)} km`;
}

async function choose(params, ctx) {
  await dress();
  const latitude = h("input", { type: "number", step: "any", value: String(params.latitude) });
  const longitude = h("input", { type: "number", step: "any", value: String(params.longitude) });
  const list = searchable("搜索地点 Search", (word) =>
    params.places
      .filter((each) => `${each.title}${each.address}`.toLowerCase().includes(word))
      .map((each) =>
        row(
          () => {
            latitude.value = String(each.latitude);
            longitude.value = String(each.longitude);
            list.root.closest("[role=dialog]").querySelector(".dialog-buttons .primary").click();
          },
          { name: each.title, note: `${each.address} · ${far(each.distance)}` },
        ),
      ),
  );
  const body = h("div", {}, list.root, field("纬度 Latitude", latitude), field("经度 Longitude", longitude));
  const title = params.search ? "附近地点 Places around" : "选择位置 Choose a position";
  const { index } = await ctx.ui.page({ title, body, buttons: [CANCEL, OK], focus: list.box });
  if (index !== 1) ctx.cancelled();
  return ctx.finish({ latitude: latitude.value, longitude: longitude.value });
}

async function view(params, ctx) {
  const where = `${params.latitude}, ${params.longitude}`;
  await ask(ctx, { title: params.title, body: h("p", {}, `${params.address} (${where})`), buttons: [OK] });
  return {};
}

export const abilities = {
  "biz.map.locate": choose,
  "biz.map.search": choose,
  "biz.map.view": view,
};
