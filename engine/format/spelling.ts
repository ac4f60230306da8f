import type { Span } from '../diagnostics/diagnostic.ts';
import type { Script } from '../syntax/ast.ts';
import type { Word } from './tokens.ts';

/** How the words of a script are written, by the offsets of their tokens. */
export interface Spelling {
  /** Names, which stay as they are. Every other word is a keyword. */
  readonly names: ReadonlySet<number>;
  /** Words that a bracket follows without a blank. */
  readonly callees: ReadonlySet<number>;
  /** Spans of types: their angle brackets stand close. */
  readonly types: readonly Span[];
  /** Signs that stand close to their operand. */
  readonly signs: ReadonlySet<number>;
}

/** Anything in a syntax tree that has a place. */
export interface Place {
  readonly kind?: string;
  readonly span: Span;
}

export function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'span' in value;
}

/** Names of functions in the reference are written in upper case; other names stay as they are. */
export function spell(script: Script, words: readonly Word[], isFunction: (name: string) => boolean): Spelling {
  const names = new Set<number>();
  const callees = new Set<number>();
  const signs = new Set<number>();
  const types: Span[] = [];
  const index = new Map(words.map((word, i) => [word.start, i]));
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const node = value as { readonly [key: string]: unknown };
    Object.values(node).forEach(visit);
    if (!isPlace(value)) return;
    const { start, end } = value.span;
    switch (value.kind) {
      case 'identifier':
        names.add(start);
        break;
      case 'call': {
        const { name } = value as unknown as { name: { parts: readonly { name: string; span: Span }[] } };
        const last = name.parts.at(-1)!;
        callees.add(last.span.start);
        if (name.parts.length === 1 && isFunction(last.name.toUpperCase())) names.delete(last.span.start);
        break;
      }
      case 'type': {
        types.push(value.span);
        const from = index.get(start)!;
        for (let i = from; words[i]!.start < end; i++) {
          callees.add(words[i]!.start);
          if (!/^[A-Z_]+$/.test(String(node.name)) && words[i]!.kind === 'word') names.add(words[i]!.start);
        }
        break;
      }
      case 'unary':
        for (let i = index.get(start)!; words[i]!.start < end; i++) {
          if (words[i]!.key === '(') continue;
          if (words[i]!.key === '-' || words[i]!.key === '+') signs.add(words[i]!.start);
          break;
        }
        break;
      case 'interval':
        for (let i = index.get(start)!; words[i]!.start < end; i++) {
          if (words[i]!.key === '-' || words[i]!.key === '+') signs.add(words[i]!.start);
        }
        break;
    }
  };
  visit(script);
  let inHint = false;
  for (const { kind, key, start } of words) {
    if (key === '/*+') inHint = true;
    else if (key === '*/') inHint = false;
    if (kind === 'word' && (inHint || (closeCallees.has(key) && !names.has(start)))) callees.add(start);
  }
  return { names, callees, types, signs };
}

/** Words with brackets close behind them that are no calls to the grammar. */
const closeCallees: ReadonlySet<string> = new Set([
  'CAST',
  'TRY_CAST',
  'UNNEST',
  'DESCRIPTOR',
  'TABLE',
  'ROW',
  'YEAR',
  'MONTH',
  'DAY',
  'HOUR',
  'MINUTE',
  'SECOND',
]);
