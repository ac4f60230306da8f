// npm run bench -- [--with-flink] [--only CASE,CASE] [--runs N] [--scale FACTOR] [--json FILE]
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

await build({
  entryPoints: { bench: 'bench/bench.ts', 'kafkajs-loop': 'bench/runners/kafkajs-loop.ts' },
  outdir: 'dist/bench',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['dist/bench/bench.js', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
