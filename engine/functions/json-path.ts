import { type Predicate, parsePredicate } from './json-predicate.ts';
import { isArray, isObject, type JsonTree } from './json-tree.ts';

/** A path of Jayway's JsonPath, as SQL/JSON functions of Flink take it: `[lax | strict] $.a[0]['b c']..d[*]`. */
export interface JsonPath {
  readonly lax: boolean;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly start: number | undefined; readonly end: number | undefined }
  | { readonly kind: 'all' }
  /** Every value below, and itself. */
  | { readonly kind: 'deep' }
  | { readonly kind: 'filter'; readonly predicate: Predicate }
  | { readonly kind: 'length' };

/** A path that is none, or does not lead anywhere under `strict`. */
export class PathError extends Error {}

const cache = new Map<string, JsonPath | PathError>();

/** Parses a path; throws `PathError`. */
export function parsePath(text: string): JsonPath {
  let path = cache.get(text);
  if (path === undefined) {
    try {
      path = readPath(text);
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      path = error;
    }
    if (cache.size >= 500) cache.clear();
    cache.set(text, path);
  }
  if (path instanceof PathError) throw path;
  return path;
}

function readPath(text: string): JsonPath {
  const mode = /^\s*(strict|lax)\s+(.+)$/is.exec(text);
  const lax = mode?.[1]?.toLowerCase() === 'lax';
  const source = (mode?.[2] ?? text).trim();
  if (source === '') throw new PathError('the path is empty');
  const steps: Step[] = [];
  const full = /^[$@]/.test(source) ? source : `$.${source}`;
  let position = 1;
  while (position < full.length) position = readStep(full, position, steps);
  return { lax, steps };
}

function readStep(text: string, start: number, steps: Step[]): number {
  if (text[start] === '[') return readBracket(text, start, steps);
  if (text[start] !== '.') throw new PathError(`'.' or '[' expected at index ${start} of path '${text}'`);
  let position = start + 1;
  if (text[position] === '.') {
    steps.push({ kind: 'deep' });
    position++;
  }
  if (text[position] === '[') return readBracket(text, position, steps);
  if (text[position] === '*') {
    steps.push({ kind: 'all' });
    return position + 1;
  }
  const name = /^[^.[\s()]+/.exec(text.slice(position))?.[0];
  if (name === undefined) throw new PathError(`a name expected at index ${position} of path '${text}'`);
  position += name.length;
  if (text.startsWith('()', position)) {
    if (name !== 'length') throw new PathError(`unknown function ${name}() in path '${text}'`);
    steps.push({ kind: 'length' });
    return position + 2;
  }
  if (text[position] === ' ' || text[position] === '(')
    throw new PathError(`unexpected '${text[position]}' in path '${text}'`);
  steps.push({ kind: 'names', names: [name] });
  return position;
}

function readBracket(text: string, start: number, steps: Step[]): number {
  const rest = text.slice(start);
  const match = (pattern: RegExp) => pattern.exec(rest);
  let found = match(/^\[\s*\*\s*\]/);
  if (found !== null) {
    steps.push({ kind: 'all' });
    return start + found[0].length;
  }
  found = match(/^\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]/);
  if (found !== null) {
    steps.push({ kind: 'indexes', indexes: found[1]!.split(',').map(Number) });
    return start + found[0].length;
  }
  found = match(/^\[\s*(-?\d+)?\s*:\s*(-?\d+)?\s*\]/);
  if (found !== null) {
    const bound = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits));
    steps.push({ kind: 'slice', start: bound(found[1]), end: bound(found[2]) });
    return start + found[0].length;
  }
  found = match(
    /^\[\s*((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*)\s*\]/,
  );
  if (found !== null) {
    const names = found[1]!.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g)!;
    steps.push({ kind: 'names', names: names.map((name) => name.slice(1, -1).replace(/\\(.)/g, '$1')) });
    return start + found[0].length;
  }
  if (/^\[\s*\?/.test(rest)) {
    const { predicate, length } = parsePredicate(rest);
    steps.push({ kind: 'filter', predicate });
    return start + length;
  }
  throw new PathError(`what stands at index ${start} of path '${text}' is not understood`);
}

/** Whether the path leads to one value; else to an array of what it finds. */
function isDefinite(step: Step): boolean {
  return step.kind === 'names' || step.kind === 'length' || (step.kind === 'indexes' && step.indexes.length === 1);
}

/** What a path finds. Throws `PathError` where it leads nowhere; under lax the answer is null or an empty array then. */
export function followPath(root: JsonTree, path: JsonPath): JsonTree {
  const firstMany = path.steps.findIndex((step) => !isDefinite(step));
  try {
    const definite = firstMany < 0 ? path.steps : path.steps.slice(0, firstMany);
    let value = root;
    for (const step of definite) value = one(value, step);
    if (firstMany < 0) return value;
    checkBranches(value, path.steps[firstMany]!);
    return many([value], path.steps.slice(firstMany));
  } catch (error) {
    if (path.lax && error instanceof PathError) return firstMany < 0 ? null : [];
    throw error;
  }
}

/** Throws `PathError` where the first step to many values needs another kind of value; a wildcard just finds nothing. */
function checkBranches(value: JsonTree, step: Step): void {
  const list = step.kind === 'slice' || step.kind === 'indexes';
  if (list && !isArray(value)) throw new PathError('no array where the path has indexes');
  if (step.kind === 'filter' && !isArray(value) && !isObject(value)) {
    throw new PathError('no array and no object where the path has a filter');
  }
}

function one(value: JsonTree, step: Step): JsonTree {
  switch (step.kind) {
    case 'names': {
      if (!isObject(value)) throw new PathError(`no object at '${step.names.join("', '")}'`);
      if (step.names.length === 1) {
        const found = value.get(step.names[0]!);
        if (found === undefined) throw new PathError(`no results for path '${step.names[0]}'`);
        return found;
      }
      return new Map(step.names.flatMap((name) => (value.has(name) ? [[name, value.get(name)!] as const] : [])));
    }
    case 'indexes': {
      if (!isArray(value)) throw new PathError('no array where the path has an index');
      const index = step.indexes[0]!;
      const found = value[index < 0 ? value.length + index : index];
      if (found === undefined) throw new PathError(`index ${index} is out of bounds`);
      return found;
    }
    default: {
      // length()
      const size = isArray(value) ? value.length : isObject(value) ? value.size : undefined;
      return size === undefined ? null : { unscaled: BigInt(size), scale: 0, whole: true };
    }
  }
}

function many(values: readonly JsonTree[], steps: readonly Step[]): JsonTree[] {
  let current = [...values];
  for (const step of steps) current = current.flatMap((value) => branches(value, step));
  return current;
}

function branches(value: JsonTree, step: Step): readonly JsonTree[] {
  switch (step.kind) {
    case 'all':
      return isArray(value) ? value : isObject(value) ? [...value.values()] : [];
    case 'deep':
      return descendants(value);
    case 'slice':
      return isArray(value) ? value.slice(step.start, step.end) : [];
    case 'filter':
      if (isArray(value)) return value.filter(step.predicate);
      return isObject(value) && step.predicate(value) ? [value] : [];
    case 'indexes':
      if (!isArray(value)) return [];
      return step.indexes.flatMap((index) => {
        const found = value[index < 0 ? value.length + index : index];
        return found === undefined ? [] : [found];
      });
    case 'names':
      if (!isObject(value) || (step.names.length === 1 && !value.has(step.names[0]!))) return [];
      return [one(value, step)];
    case 'length':
      return [one(value, step)];
  }
}

function descendants(value: JsonTree): JsonTree[] {
  const below = isArray(value) ? value : isObject(value) ? [...value.values()] : [];
  return [value, ...below.flatMap(descendants)];
}
