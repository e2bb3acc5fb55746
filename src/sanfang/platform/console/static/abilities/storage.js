// util.domainStorage: texts a page keeps in the client. Each app of each corp and member has its own,
// in this browser; no page can name another one's.

const LIMIT = 5 << 20; // characters of names and values together

function keyOf(ctx) {
  return ["sanfang-storage", ctx.desk.corp_id, ctx.desk.userid, ctx.frame.agentId].join("/");
}

function load(ctx) {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(ctx)) || "{}");
    return new Map(Object.entries(found));
  } catch {
    return new Map();
  }
}

function save(ctx, held) {
  if (!held.size) {
    localStorage.removeItem(keyOf(ctx));
    return;
  }
  if (weigh(held) > LIMIT) ctx.fail("3", "存储空间已满 the storage is full");
  try {
    localStorage.setItem(keyOf(ctx), JSON.stringify(Object.fromEntries(held)));
  } catch {
    ctx.fail("3", "存储空间已满 the storage is full");
  }
}

function weigh(held) {
  let sum = 0;
  for (const [name, value] of held) sum += name.length + value.length;
  return sum;
}

function setItem({ name, value = "" }, ctx) {
  const held = load(ctx);
  held.set(name, String(value));
  save(ctx, held);
  return {};
}

function getItem({ name }, ctx) {
  return { value: load(ctx).get(name) ?? null };
}

function removeItem({ name }, ctx) {
  const held = load(ctx);
  if (held.delete(name)) save(ctx, held);
  return {};
}

/** Sizes are in KB, as the client counts them. */
function getStorageInfo(_params, ctx) {
  const held = load(ctx);
  return { keys: [...held.keys()], currentSize: Math.ceil(weigh(held) / 1024), limitSize: LIMIT / 1024 };
}

export const abilities = {
  "util.domainStorage.getItem": getItem,
  "util.domainStorage.getStorageInfo": getStorageInfo,
  "util.domainStorage.removeItem": removeItem,
  "util.domainStorage.setItem": setItem,
};
