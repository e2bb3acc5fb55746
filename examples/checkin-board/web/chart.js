// The chart: one bar a department, who is here of all. SVG made by hand, text as text. Without a
// viewBox: the bars grow with the page, the letters keep their size.
const SVG = 'http://www.w3.org/2000/svg';
const ROW = 46; // CSS pixels

export function chart(departments) {
  const height = Math.max(departments.length, 1) * ROW;
  const here = departments.reduce((sum, one) => sum + one.here, 0);
  const words = departments.map((one) => `${one.name} ${one.here}/${one.members}`).join('，');
  const label = `今天 ${here} 人签到 · here today：${words}`;
  const svg = make('svg', { width: '100%', height, role: 'img', 'aria-label': label });
  departments.forEach((one, row) => svg.append(...bar(one, row * ROW)));
  return svg;
}

function bar(one, top) {
  const all = Math.max(one.members, one.here, 1);
  return [
    make('text', { x: 0, y: top + 17 }, short(one.name)),
    make('text', { x: '100%', y: top + 17, 'text-anchor': 'end', class: 'part' }, `${one.here} / ${one.members}`),
    make('rect', { x: 0, y: top + 23, width: '100%', height: 12, rx: 6, class: 'all' }),
    make('rect', { x: 0, y: top + 23, width: `${(100 * one.here) / all}%`, height: 12, rx: 6, class: 'here' }),
  ];
}

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function short(name) {
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}
