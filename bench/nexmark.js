// npm run bench:nexmark -- [--with-flink] [--events N] [--only q4,q5] [--json FILE]
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

await build({
  entryPoints: { nexmark: 'bench/nexmark.ts' },
  outdir: 'dist/bench',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['dist/bench/nexmark.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
