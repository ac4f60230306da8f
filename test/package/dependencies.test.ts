import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly hasInstallScript?: true;
        readonly dev?: true;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as Manifest;
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;

describe('dependencies', () => {
  it('are all that the shipped code imports', () => {
    const imported = ['bin', 'connectors', 'engine'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => path.join(folder, name))
        // Bundled with all that it imports.
        .filter((file) => !file.startsWith(path.join('bin', 'dashboard', 'page')))
        .flatMap(packagesOf),
    );
    const shipped = { ...dependencies, ...optionalDependencies };
    const unknown = imported.filter(({ name }) => shipped[name] === undefined);
    expect(unknown).toEqual([]);
    const unused = Object.keys(shipped).filter((d) => !imported.some(({ name }) => name === d));
    expect(unused).toEqual([]);
  });

  it('are exact versions, each with its reason in docs/decisions.md', () => {
    const decisions = readFileSync('docs/decisions.md', 'utf8');
    const all = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(all.filter(([name, v]) => !name.startsWith('@types/') && !decisions.includes(`${name} ${v}`))).toEqual([]);
  });

  it('need no install script: npm does not run any', () => {
    const scripted = Object.entries(packages).filter(([, p]) => p.hasInstallScript === true && p.dev !== true);
    // Theirs looks for a compiler only where there is no prebuilt binary; test/runtime/spill/folder.test.ts runs without it.
    const prebuilt = ['node_modules/lmdb', 'node_modules/msgpackr-extract'];
    expect(scripted.map(([name]) => name)).toEqual(prebuilt);
    for (const name of prebuilt) {
      const binaries = Object.keys(packages[name]!.optionalDependencies ?? {}).filter((d) => /linux-x64/.test(d));
      expect(binaries.length).toBeGreaterThan(0);
      for (const binary of binaries) expect(packages[`node_modules/${binary}`]?.hasInstallScript).toBeUndefined();
    }
  });

  it('are whole in the lock file, or npm ci refuses it', () => {
    const missing = Object.entries(packages).flatMap(([where, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined && packages[`${where}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });
});

/** The packages that a file imports, with the file: by `from`, `import(…)` or a `require` of its own. */
function packagesOf(file: string): { file: string; name: string }[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:\bfrom |\bimport\(|^import |\burl\)\(|\.resolve\()'([^'./][^']*)'/gm);
  return [...found]
    .map((match) => match[1]!)
    .filter((name) => !name.startsWith('node:'))
    .map((name) => ({
      file,
      name: name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    }));
}
