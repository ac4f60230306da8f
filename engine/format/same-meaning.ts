import type { Script } from '../syntax/ast.ts';

const places = /^(span|operatorSpan|optionsSpan|distribution)$/;

/** Whether two scripts say the same: equal trees, but for places and for the case of function names. */
export function sameMeaning(a: Script, b: Script): boolean {
  return same(a, b);
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = fieldsOf(a);
  const right = fieldsOf(b);
  return (
    left.length === right.length && left.every(([key, value], i) => right[i]![0] === key && same(value, right[i]![1]))
  );
}

function fieldsOf(node: object): (readonly [string, unknown])[] {
  const isCall = 'kind' in node && node.kind === 'call';
  return Object.entries(node)
    .filter(([key]) => !places.test(key))
    .map(([key, value]) => [key, isCall && key === 'name' ? lowerCase(value) : value]);
}

/** The name of a call; names in backticks are looked up without case too. */
function lowerCase(name: unknown): unknown {
  const { parts } = name as { readonly parts: readonly { readonly name: string; readonly quoted: boolean }[] };
  return parts.map((part) => [part.name.toLowerCase(), part.quoted]);
}
