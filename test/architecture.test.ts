import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which folders of engine/ a folder of engine/ may import, beside itself: the table of engine/README.md. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  diagnostics: [],
  types: [],
  syntax: ['diagnostics'],
  functions: ['types'],
  connector: ['types', 'diagnostics'],
  plan: ['diagnostics', 'types', 'functions', 'connector'],
  analyze: ['syntax', 'plan', 'functions', 'connector', 'types', 'diagnostics'],
  operators: ['types', 'functions'],
  compile: ['plan', 'functions', 'connector', 'types', 'diagnostics', 'operators'],
  runtime: ['operators', 'connector', 'types'],
};

interface Import {
  readonly file: string;
  /** Path from the root of the project, or a package's name. */
  readonly of: string;
  readonly typeOnly: boolean;
}

const sources = ['bin', 'connectors', 'engine'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name)),
);
const imports = sources.flatMap(readImports);

describe('the arrows between the folders', () => {
  it.each(Object.keys(ARROWS))('engine/%s imports only what it may', (folder) => {
    const may = [folder, ...ARROWS[folder]!].map((name) => `engine/${name}/`);
    const wrong = imports.filter(
      ({ file, of }) =>
        file.startsWith(`engine/${folder}/`) && isOurs(of) && !may.some((prefix) => of.startsWith(prefix)),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it('engine/plan knows connectors and diagnostics by their types only', () => {
    const wrong = imports.filter(
      ({ file, of, typeOnly }) =>
        file.startsWith('engine/plan/') && /^engine\/(connector|diagnostics)\//.test(of) && !typeOnly,
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it('the engine never imports connectors or the command line', () => {
    const wrong = imports.filter(({ file, of }) => file.startsWith('engine/') && /^(connectors|bin)\//.test(of));
    expect(wrong.map(show)).toEqual([]);
  });

  it('a connector knows what connectors may know, and no other connector', () => {
    const wrong = imports.filter(({ file, of }) => {
      const own = /^connectors\/[^/]+\//.exec(file)?.[0];
      if (own === undefined || !isOurs(of)) return false;
      return !/^engine\/(connector|types|diagnostics)\//.test(of) && !of.startsWith(own);
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it('the command line imports the engine and the connectors by their front doors', () => {
    const wrong = imports.filter(
      ({ file, of }) =>
        file.startsWith('bin/') && isOurs(of) && !/^(bin\/|engine\/index\.ts|connectors\/[^/]+\.ts$)/.test(of),
    );
    expect(wrong.map(show)).toEqual([]);
  });
});

describe('the sources', () => {
  it('build code in one place only', () => {
    const builders = sources.filter((file) =>
      /\bnew Function\b|\beval\(/.test(withoutComments(readFileSync(file, 'utf8'))),
    );
    expect(builders).toEqual(['engine/types/generate.ts']);
  });

  it('import at run time only what the package depends on', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const wrong = imports.filter(
      ({ of }) => !isOurs(of) && !of.startsWith('node:') && dependencies[packageName(of)] === undefined,
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it('depend on exact versions', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d/.test(version));
    expect(loose).toEqual([]);
  });

  it('need no install script', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { hasInstallScript?: true; dev?: true; devOptional?: true; optional?: true }>;
    };
    const scripted = Object.entries(packages).filter(([, p]) => p.hasInstallScript && !p.dev && !p.devOptional);
    expect(scripted.map(([name]) => name)).toEqual([]);
  });
});

function readImports(file: string): Import[] {
  const text = withoutComments(readFileSync(file, 'utf8'));
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+\sfrom\s+)?'([^']+)';|\bimport\('([^']+)'\)/gm,
  );
  return [...found].map((match) => {
    const of = match[2] ?? match[3]!;
    const resolved = of.startsWith('.') ? path.join(path.dirname(file), of) : of;
    return { file, of: resolved, typeOnly: match[1] !== undefined };
  });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function isOurs(of: string): boolean {
  return /^(bin|connectors|engine|test|\.\.)\//.test(of);
}

function packageName(of: string): string {
  return of
    .split('/')
    .slice(0, of.startsWith('@') ? 2 : 1)
    .join('/');
}

function show({ file, of }: Import): string {
  return `${file} imports ${of}`;
}
