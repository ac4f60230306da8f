import type { Option } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseString } from './text.ts';

/** `('k' = 'v', …)`; a missing or trailing comma is told and read over. */
export function parseOptions(p: Cursor): Option[] {
  if (!p.is('(')) p.unexpected("'(' and options");
  p.take();
  const options: Option[] = [];
  if (p.accept(')')) return options;
  for (;;) {
    options.push(parseOption(p));
    if (p.is(',')) {
      const comma = p.take();
      if (p.is(')')) reportTrailingComma(p, comma);
      else continue;
    } else if (p.peek().kind === 'string' && p.is('=', 1)) {
      const at = { start: p.previousEnd, end: p.previousEnd };
      p.report("expected ',' between two options", at, {
        label: 'comma missing here',
        help: 'options are separated by commas',
        fix: { span: at, text: ',' },
      });
      continue;
    }
    if (!p.is(')')) p.unexpected("',' or ')'");
    p.take();
    return options;
  }
}

function parseOption(p: Cursor): Option {
  const start = p.peek();
  const key = parseString(p, 'an option key in quotes');
  if (p.is(':')) {
    const colon = p.take();
    const span = { start: colon.start, end: colon.end };
    p.report("found ':', expected '='", span, {
      help: "options are written 'key' = 'value'",
      fix: { span, text: '=' },
    });
  } else if (p.is('==')) {
    const { start: at, end } = p.take();
    p.report("found '==', expected '='", { start: at, end }, { fix: { span: { start: at, end }, text: '=' } });
  } else {
    if (!p.is('=')) p.unexpected("'='");
    p.take();
  }
  const { kind } = p.peek();
  if (kind === 'number' || p.is('TRUE') || p.is('FALSE')) {
    const token = p.take();
    const span = { start: token.start, end: token.end };
    const value = p.source(span);
    p.report(`found ${kind === 'number' ? `the number ${value}` : `'${value}'`}, expected a string literal`, span, {
      help: 'values of options stand in single quotes',
      fix: { span, text: `'${value}'` },
    });
    return { key, value: { kind: 'string', value, span }, span: p.span(start) };
  }
  const value = parseString(p, 'the value of the option in quotes');
  return { key, value, span: p.span(start) };
}

function reportTrailingComma(p: Cursor, comma: { start: number; end: number }): void {
  const span = { start: comma.start, end: comma.end };
  p.report('this comma is followed by nothing', span, { help: 'remove it', fix: { span, text: '' } });
}
