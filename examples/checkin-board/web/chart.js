// The chart: one bar a department, who is here of all. SVG made by hand, text as text.
const SVG = 'http://www.w3.org/2000/svg';
const ROW = 46;
const WIDE = 320;

export function chart(departments) {
  const height = Math.max(departments.length, 1) * ROW;
  const here = departments.reduce((sum, one) => sum + one.here, 0);
  const words = departments.map((one) => `${one.name} ${one.here}/${one.members}`).join('，');
  const svg = make('svg', { viewBox: `0 0 ${WIDE} ${height}`, role: 'img' });
  svg.append(make('title', {}, `今天 ${here} 人签到：${words}`));
  departments.forEach((one, row) => svg.append(...bar(one, row * ROW)));
  return svg;
}

function bar(one, top) {
  const all = Math.max(one.members, one.here, 1);
  return [
    make('text', { x: 0, y: top + 17 }, short(one.name)),
    make('text', { x: WIDE, y: top + 17, 'text-anchor': 'end', class: 'part' }, `${one.here} / ${one.members}`),
    make('rect', { x: 0, y: top + 23, width: WIDE, height: 12, rx: 6, class: 'all' }),
    make('rect', { x: 0, y: top + 23, width: (WIDE * one.here) / all, height: 12, rx: 6, class: 'here' }),
  ];
}

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function short(name) {
  return name.length > 20 ? `${name.slice(0, 19)}…` : name;
}
