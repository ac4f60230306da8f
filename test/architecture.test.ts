import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** What each part may import besides itself. Types only counts as importing. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'engine/diagnostics': [],
  'engine/types': [],
  'engine/syntax': ['engine/diagnostics'],
  'engine/format': ['engine/syntax', 'engine/diagnostics'],
  'engine/functions': ['engine/types'],
  'engine/connector': ['engine/types', 'engine/diagnostics'],
  'engine/plan': ['engine/types', 'engine/functions', 'engine/connector', 'engine/diagnostics'],
  'engine/analyze': [
    'engine/syntax',
    'engine/plan',
    'engine/functions',
    'engine/connector',
    'engine/types',
    'engine/diagnostics',
  ],
  'engine/operators': ['engine/types', 'engine/functions', 'engine/connector'],
  'engine/compile': [
    'engine/plan',
    'engine/functions',
    'engine/types',
    'engine/operators',
    'engine/connector',
    'engine/diagnostics',
  ],
  'engine/runtime': ['engine/operators', 'engine/connector', 'engine/types'],
  'engine/language': [
    'engine/syntax',
    'engine/analyze',
    'engine/functions',
    'engine/connector',
    'engine/types',
    'engine/diagnostics',
  ],
  'engine/testing': [
    'engine/syntax',
    'engine/analyze',
    'engine/plan',
    'engine/compile',
    'engine/operators',
    'engine/runtime',
    'engine/connector',
    'engine/functions',
    'engine/types',
    'engine/diagnostics',
  ],
  // The engine's own files: the whole flow and what the command line may see of it.
  engine: [
    'engine/syntax',
    'engine/format',
    'engine/analyze',
    'engine/plan',
    'engine/compile',
    'engine/runtime',
    'engine/connector',
    'engine/functions',
    'engine/types',
    'engine/diagnostics',
    'engine/language',
    'engine/testing',
  ],
  connectors: ['engine/connector', 'engine/types', 'engine/diagnostics'],
  bin: ['engine', 'connectors'],
};

/** One place each: whoever lists connectors may import all of them. */
const connectorLists = ['connectors/index.ts', 'connectors/embedded.ts'];
/** Shared by connectors without being one. */
const sharedByConnectors = ['connectors/formats'];

interface Import {
  readonly file: string;
  readonly target: string;
}

function filesOf(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(folder, name.replaceAll('\\', '/')));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  // A package is not a part of the house, even where a file of it is named by its place.
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.(?![^']*\/node_modules\/)[^']+)'/g);
  return Array.from(found, (match) => ({
    file,
    target: path.posix.normalize(path.posix.join(path.posix.dirname(file), match[1]!)),
  }));
}

/** `engine/types`, `connectors`, `bin`; a file directly in `engine` belongs to `engine`. */
function partOf(file: string): string {
  const [top, second, third] = file.split('/');
  return top === 'engine' && third !== undefined ? `engine/${second}` : top!;
}

const imports = ['engine', 'connectors', 'bin'].flatMap(filesOf).flatMap(importsOf);

describe('the arrows of the architecture', () => {
  it('sees the imports of every part', () => {
    const parts = new Set(imports.map(({ file }) => partOf(file)));
    expect([...parts].sort()).toEqual(expect.arrayContaining(['bin', 'connectors', 'engine', 'engine/analyze']));
  });

  it('lets each part import only what the table says', () => {
    const wrong = imports.filter(({ file, target }) => {
      const from = partOf(file);
      const to = partOf(target);
      return from !== to && !(arrows[from] ?? []).includes(to);
    });
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('keeps connectors from importing each other', () => {
    const folderOf = (file: string) => file.split('/').slice(0, 2).join('/');
    const wrong = imports.filter(({ file, target }) => {
      if (partOf(file) !== 'connectors' || partOf(target) !== 'connectors' || connectorLists.includes(file))
        return false;
      if (sharedByConnectors.some((shared) => target.startsWith(shared))) return false;
      return folderOf(file) !== folderOf(target);
    });
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('lets the command line see the engine and the connectors only through their front doors', () => {
    const doors = ['engine/index.ts', ...connectorLists];
    const wrong = imports.filter(
      ({ file, target }) => partOf(file) === 'bin' && partOf(target) !== 'bin' && !doors.includes(target),
    );
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('compiles text to code in one place', () => {
    const users = ['engine', 'connectors', 'bin']
      .flatMap(filesOf)
      .filter((file) => /\bnew Function\s*\(|\beval\s*\(/.test(readFileSync(path.join(root, file), 'utf8')));
    expect(users).toEqual(['engine/types/generate.ts']);
  });
});
