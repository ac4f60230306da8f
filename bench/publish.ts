import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { renderCharts } from './charts.ts';
import { renderGoals } from './goals.ts';
import { type Report, renderReport } from './report.ts';

const PAGE = 'docs/performance.md';
const FOLDER = 'docs/performance';
const BEGIN = '<!-- begin: bench/publish.js -->';
const END = '<!-- end: bench/publish.js -->';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node bench/publish.js REPORT.json');
const report = JSON.parse(readFileSync(file, 'utf8')) as Report;

mkdirSync(FOLDER, { recursive: true });
const images = renderCharts(report).map(({ name, title, svg }) => {
  writeFileSync(`${FOLDER}/${name}.svg`, svg);
  return `![${title}](performance/${name}.svg)`;
});
const page = readFileSync(PAGE, 'utf8');
const begin = page.indexOf(BEGIN);
const end = page.indexOf(END);
if (begin < 0 || end < begin) throw new Error(`${PAGE} does not hold ${BEGIN} … ${END}`);
const parts = [renderReport(report).trimEnd(), ...images, renderGoals(report)];
writeFileSync(PAGE, `${page.slice(0, begin)}${BEGIN}\n\n${parts.join('\n\n')}\n\n${page.slice(end)}`);
