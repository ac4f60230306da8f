import { build } from 'esbuild';

/** Bundles programs of this folder, by the name that each gets in dist/bench; dependencies stay outside. */
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
