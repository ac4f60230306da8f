import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const folder = 'examples/editor/vscode';

interface Manifest {
  readonly main: string;
  readonly engines: { readonly vscode: string };
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly configuration: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
  readonly scripts: { readonly build: string };
  readonly devDependencies: Readonly<Record<string, string>>;
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

const manifest = read<Manifest>(`${folder}/package.json`);

/** Answers every name of the editor's API with a class; enough to load what extends and remembers them. */
function editor(given: Readonly<Record<string, unknown>>): unknown {
  return new Proxy(given, { get: (_, name) => given[String(name)] ?? class {} });
}

describe('the extension of Visual Studio Code', () => {
  it('has the types of the API that it names', async () => {
    const tsc = path.resolve('node_modules/typescript/bin/tsc');
    await expect(promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', folder])).resolves.toBeDefined();
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode']}`);
  });

  it('builds to one file that needs nothing but the editor', async () => {
    const { outputFiles } = await build({
      entryPoints: [`${folder}/extension.ts`],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['vscode'],
      write: false,
      logLevel: 'silent',
    });
    const require = createRequire(import.meta.url);
    const asked: string[] = [];
    const load = (name: string): unknown => {
      if (name === 'vscode') return editor({ version: manifest.engines.vscode.slice(1) });
      asked.push(name);
      return require(name);
    };
    const module = { exports: {} as Record<string, unknown> };
    new Function('require', 'module', 'exports', outputFiles[0]!.text)(load, module, module.exports);
    expect(Object.keys(module.exports).sort()).toEqual(['activate', 'deactivate']);
    expect(asked.filter((name) => require.resolve.paths(name) !== null)).toEqual([]);
  });

  it('has a manifest that agrees with its files', () => {
    expect(manifest.scripts.build).toContain(`--outfile=${manifest.main.slice('./'.length)}`);
    expect(manifest.activationEvents).toEqual(manifest.contributes.languages.map(({ id }) => `onLanguage:${id}`));
    for (const { configuration } of manifest.contributes.languages) {
      expect(existsSync(path.join(folder, configuration))).toBe(true);
      expect(read<{ comments: object }>(path.join(folder, configuration)).comments).toEqual({
        lineComment: '--',
        blockComment: ['/*', '*/'],
      });
    }
    const source = readFileSync(`${folder}/extension.ts`, 'utf8');
    const [setting] = Object.keys(manifest.contributes.configuration.properties);
    expect(source).toContain(`getConfiguration('cryptopipe')`);
    expect(setting).toBe('cryptopipe.command');
  });

  it('is built with the versions that the repository tests', () => {
    const { devDependencies } = read<Manifest>('package.json');
    for (const [name, version] of Object.entries(manifest.devDependencies)) expect(devDependencies[name]).toBe(version);
  });
});
