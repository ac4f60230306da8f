import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

/** Bundles programs by the name that each gets in dist/bench; dependencies stay outside. */
export async function bundle(entryPoints) {
  await build({
    entryPoints,
    outdir: 'dist/bench',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  });
}

/** Bundles programs and runs the first with the arguments of this process, which ends as that does. */
export async function runBundled(entryPoints) {
  await bundle(entryPoints);
  const [name] = Object.keys(entryPoints);
  const { status } = spawnSync(process.execPath, [`dist/bench/${name}.js`, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
