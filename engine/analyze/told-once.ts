import type { Diagnostic, Diagnostics } from '../diagnostics/diagnostic.ts';

/**
 * The mistakes of one statement that are told. What is wrong is told before what is only not supported: the statement
 * cannot stay as it is anyway. Of what is not supported the outermost is told, and of a name that is unknown in several
 * places the first.
 */
export function toldOnce({ list }: Diagnostics): readonly Diagnostic[] {
  const missing = list.filter(({ code }) => code === 'unsupported');
  const wrong = list.some(({ code, severity }) => severity === 'error' && code !== 'unsupported');
  const told = list.filter((d) => d.code !== 'unsupported' || !(wrong || missing.some((other) => isInside(d, other))));
  return firstOfEachName(told);
}

function isInside({ span }: Diagnostic, { span: outer }: Diagnostic): boolean {
  return outer.start <= span.start && span.end <= outer.end && outer.end - outer.start > span.end - span.start;
}

function firstOfEachName(list: readonly Diagnostic[]): readonly Diagnostic[] {
  const places = new Map<string, Diagnostic[]>();
  for (const each of list) {
    if (each.code !== 'unknown-table' && each.code !== 'unknown-column') continue;
    const alike = places.get(each.message);
    if (alike === undefined) places.set(each.message, [each]);
    else alike.push(each);
  }
  return list.flatMap((each) => {
    const alike = places.get(each.message);
    if (alike === undefined || alike.length === 1) return [each];
    const first = alike.reduce((a, b) => (b.span.start < a.span.start ? b : a));
    return each === first ? [{ ...each, label: `and ${times(alike.length - 1)} more in this statement` }] : [];
  });
}

function times(n: number): string {
  return n === 1 ? 'once' : `${n} times`;
}
