import type { Hint } from '../syntax/ast.ts';
import { type Context, didYouMean, mistake } from './context.ts';

/** Hints of Flink's optimizer; there is nothing here that they could change. */
const known: ReadonlySet<string> = new Set([
  'OPTIONS',
  'STATE_TTL',
  'LOOKUP',
  'BROADCAST',
  'SHUFFLE_HASH',
  'SHUFFLE_MERGE',
  'NEST_LOOP',
  'MULTI_JOIN',
  'EARLY_FIRE',
]);

/** Reports a hint that Flink does not know. */
export function checkHint(context: Context, { name }: Hint): void {
  if (known.has(name.name.toUpperCase())) return;
  const extra = didYouMean(name.name, known, name.span, undefined, 'word');
  mistake(context, 'invalid-query', `unknown hint '${name.name}'`, name.span, extra);
}
