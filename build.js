// Bundles the command line into dist/bin: starting it reads a few files instead of hundreds.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

// A worker thread is a file of its own; it is looked for beside the file that starts it, which ends up in dist/bin too.
const threads = ['bin', 'connectors'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|[/\\-])thread\.ts$/.test(name))
    .map((name) => [path.basename(name, '.ts'), path.join(folder, name)]),
);

/**
 * Dependencies that stay outside: what few commands need and load themselves, and what brings files or binaries of its own.
 * All others are on the way of every start.
 */
const external = [
  '@electric-sql/*',
  '@node-rs/crc32',
  'ajv',
  'pino-pretty',
  'prom-client',
  'vscode-languageserver*',
  'ws',
  'yaml',
];

/**
 * Of @platformatic/kafka only what connectors/kafka/wire.ts names: its files have no effect beside what they export. Its
 * schemas belong to the clients, which are not used: without them nobody needs the library that compiles them.
 */
const wireAlone = {
  name: 'wire-alone',
  setup({ onLoad, onResolve }) {
    const inside = /[\\/]@platformatic[\\/]kafka[\\/]dist[\\/]/;
    onResolve({ filter: /^\.\.?\// }, ({ path: to, resolveDir }) => {
      const file = path.resolve(resolveDir, to);
      return inside.test(file) ? { path: file, sideEffects: false } : undefined;
    });
    onResolve({ filter: /^ajv\/dist\/2020/ }, ({ importer }) =>
      inside.test(importer) ? { path: 'no-schemas', namespace: 'wire-alone' } : undefined,
    );
    onLoad({ filter: /^no-schemas$/, namespace: 'wire-alone' }, () => ({
      contents: 'export class Ajv2020 { addKeyword() {} }',
    }));
  },
};

const { metafile } = await build({
  entryPoints: { cryptopipe: 'bin/cryptopipe.ts', ...Object.fromEntries(threads) },
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external,
  plugins: [wireAlone],
  // The same with its WebAssembly in the text instead of a file beside it.
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  // What dependencies in CommonJS ask Node for.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
  },
  // On Node 20 pg makes a Response to find out whether it runs at Cloudflare's, for which Node loads its HTTP client.
  define: { Response: 'undefined' },
  legalComments: 'none',
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

writeFileSync('dist/bin/licenses.txt', licensesOf(Object.keys(metafile.inputs)));

// Parts of earlier builds have other names.
const built = new Set([
  'dashboard',
  'licenses.txt',
  ...Object.keys(metafile.outputs).map((file) => path.basename(file)),
]);
for (const name of readdirSync('dist/bin'))
  if (!built.has(name)) rmSync(path.join('dist/bin', name), { recursive: true });

/** The licenses of the packages that files are of. */
function licensesOf(files) {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8')}`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n`);
}
