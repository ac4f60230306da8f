import type { Hint, Option, StringLiteral } from './ast.ts';
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
    const hint = p.is('(') ? parseArguments(p, name.name.toUpperCase() === 'OPTIONS') : { names: [], options: [] };
    hints.push({ name, ...hint, span: p.span(start) });
  } while (p.accept(',') || (isName(p.peek()) && p.peek().kind === 'word'));
  if (!p.is('*/')) p.unexpected("',' or '*/'");
  p.take();
  return hints;
}

function parseArguments(p: Cursor, onlyPairs: boolean): Pick<Hint, 'names' | 'options'> {
  p.take();
  const options: Option[] = [];
  const names: StringLiteral[] = [];
  if (p.accept(')')) return { names, options };
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
    } else if (start.kind === 'string') names.push(parseString(p, 'a name'));
    else if (start.kind === 'number') names.push({ kind: 'string', value: p.take().key, span: p.span(start) });
    else {
      const parts = [parseIdentifier(p, 'a name').name];
      while (p.accept('.')) parts.push(parseIdentifier(p, 'a name').name);
      names.push({ kind: 'string', value: parts.join('.'), span: p.span(start) });
    }
  } while (p.accept(','));
  if (!p.is(')')) p.unexpected("',' or ')'");
  p.take();
  return { names, options };
}
