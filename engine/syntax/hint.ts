import type { Hint, Option } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { isName, parseIdentifier } from './name.ts';
import { parseString } from './text.ts';

/** `/*+ OPTIONS('k' = 'v'), BROADCAST(t) *\/`, or nothing. */
export function parseHints(p: Cursor): Hint[] {
  const hints: Hint[] = [];
  if (!p.accept('/*+')) return hints;
  do {
    const start = p.peek();
    const name = parseIdentifier(p, 'the name of a hint');
    const options = p.is('(') ? parseArguments(p, name.name.toUpperCase() === 'OPTIONS') : [];
    hints.push({ name, options, span: p.span(start) });
  } while (p.accept(',') || (isName(p.peek()) && p.peek().kind === 'word'));
  if (!p.is('*/')) p.unexpected("',' or '*/'");
  p.take();
  return hints;
}

/** Key-value pairs; of other arguments only that they are well-formed is known. */
function parseArguments(p: Cursor, onlyPairs: boolean): Option[] {
  p.take();
  const options: Option[] = [];
  if (p.accept(')')) return options;
  do {
    const start = p.peek();
    if (p.is('=', 1) || onlyPairs) {
      const key = start.kind === 'word' ? parseIdentifier(p) : undefined;
      const literal =
        key === undefined
          ? parseString(p, 'an option key in quotes')
          : ({ kind: 'string', value: key.name, span: key.span } as const);
      p.expect('=');
      const value = parseString(p, 'the value of the option in quotes');
      options.push({ key: literal, value, span: p.span(start) });
    } else if (start.kind === 'string' || start.kind === 'number') p.take();
    else parseIdentifier(p, 'a name');
  } while (p.accept(','));
  if (!p.is(')')) p.unexpected("',' or ')'");
  p.take();
  return options;
}
