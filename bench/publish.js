// node bench/publish.js out.json: the figures of a run (`npm run bench -- --json out.json`) into docs/performance.md
import { spawnSync } from 'node:child_process';
import { bundle } from './bundle.js';

await bundle({ publish: 'bench/publish.ts' });
const { status } = spawnSync(process.execPath, ['dist/bench/publish.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
