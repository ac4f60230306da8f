/**
 * npm run bench:micro               prints the ratios; exits with 1 where one fell by more than 15 % of the baseline's
 * npm run bench:micro -- --accept   writes them as the new baseline
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { bundle } from './bundle.js';

/**
 * A ratio that is low for once is measured again, in a new process: what V8 makes of a loop differs from process to
 * process and stays for its life. Noise passes, a loss stays.
 */
const TRIES = 6;
const ALLOWED = 0.85;
const BASELINE = 'bench/micro-baseline.json';

await bundle({ micro: 'bench/micro.ts' });

/** Name of each case → how many times faster than plain JavaScript, from a process of its own. */
function measure(names) {
  const { status, stdout } = spawnSync(process.execPath, ['dist/bench/micro.js', ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout);
}

/** The baseline is what is reached every time. */
function accept() {
  const least = {};
  for (let i = 0; i < TRIES; i++) {
    for (const [name, ratio] of Object.entries(measure([]))) least[name] = Math.min(ratio, least[name] ?? ratio);
  }
  const rounded = Object.fromEntries(
    Object.entries(least).map(([name, ratio]) => [name, Math.round(ratio * 100) / 100]),
  );
  writeFileSync(BASELINE, `${JSON.stringify(rounded, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(rounded)}\n`);
}

/** The check is what is reached once. */
function compare() {
  const baseline = JSON.parse(readFileSync(BASELINE, 'utf8'));
  const best = {};
  const isLow = (name) => (best[name] ?? 0) < baseline[name] * ALLOWED;
  let low = Object.keys(baseline);
  for (let i = 0; i < TRIES && low.length > 0; i++) {
    for (const [name, ratio] of Object.entries(measure(low))) best[name] = Math.max(ratio, best[name] ?? 0);
    low = low.filter(isLow);
  }
  for (const [name, ratio] of Object.entries(best)) {
    const verdict = isLow(name) ? ': SLOWER' : '';
    process.stdout.write(
      `${name.padEnd(8)} ${ratio.toFixed(2)} × plain JavaScript, baseline ${baseline[name]}${verdict}\n`,
    );
  }
  if (low.length > 0) process.exitCode = 1;
}

if (process.argv.includes('--accept')) accept();
else compare();
