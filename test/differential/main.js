// npm run differential -- [--seed N] [--count M] [--kind KIND] [--depth N] [--keep FOLDER]; FLINK_HOME names the Flink to ask
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

await build({
  entryPoints: ['test/differential/differential.ts'],
  outfile: 'dist/differential.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['dist/differential.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
