// Bundles the command line into dist/bin: starting it reads a few files instead of hundreds. Dependencies stay outside.
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

// A worker thread is a file of its own; it is looked for beside the file that starts it, which ends up in dist/bin too.
const threads = ['bin', 'connectors'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|[/\\-])thread\.ts$/.test(name))
    .map((name) => [path.basename(name, '.ts'), path.join(folder, name)]),
);

const { metafile } = await build({
  entryPoints: { cryptopipe: 'bin/cryptopipe.ts', ...Object.fromEntries(threads) },
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  metafile: true,
  logLevel: 'warning',
});

// The dashboard's page: everything that it needs is in two files beside it.
await build({
  entryPoints: { page: 'bin/dashboard/page/main.tsx' },
  outdir: 'dist/bin/dashboard',
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'esm',
  target: ['chrome109', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'inline',
  logLevel: 'warning',
});
copyFileSync('bin/dashboard/page/index.html', 'dist/bin/dashboard/index.html');

// Parts of earlier builds have other names.
const built = new Set(['dashboard', ...Object.keys(metafile.outputs).map((file) => path.basename(file))]);
for (const name of readdirSync('dist/bin'))
  if (!built.has(name)) rmSync(path.join('dist/bin', name), { recursive: true });
