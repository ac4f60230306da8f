import type { IntervalLiteral, IntervalQualifier, StringLiteral, TimeUnit } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseString } from './text.ts';

/** Units of an interval, in the singular and the plural. */
const units: ReadonlyMap<string, TimeUnit> = new Map(
  (['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND'] as const).flatMap((unit) => [
    [unit, unit] as const,
    [`${unit}S`, unit] as const,
  ]),
);

/** What units are called elsewhere. */
const short: ReadonlyMap<string, TimeUnit> = new Map([
  ['S', 'SECOND'],
  ['SEC', 'SECOND'],
  ['SECS', 'SECOND'],
  ['M', 'MINUTE'],
  ['MIN', 'MINUTE'],
  ['MINS', 'MINUTE'],
  ['H', 'HOUR'],
  ['HR', 'HOUR'],
  ['HRS', 'HOUR'],
  ['D', 'DAY'],
]);

/** What each unit may be followed by after TO. */
const ends: Readonly<Partial<Record<TimeUnit, readonly TimeUnit[]>>> = {
  YEAR: ['MONTH'],
  DAY: ['HOUR', 'MINUTE', 'SECOND'],
  HOUR: ['MINUTE', 'SECOND'],
  MINUTE: ['SECOND'],
};

/** `INTERVAL [+|-] '1 10' DAY TO HOUR`; the current token is INTERVAL. */
export function parseInterval(p: Cursor): IntervalLiteral {
  const start = p.take();
  const sign = p.acceptOne('+', '-');
  const value = parseIntervalValue(p);
  const inside = unitInside(p, value);
  if (inside !== undefined) return { kind: 'interval', negative: sign === '-', ...inside, span: p.span(start) };
  const qualifier = parseQualifier(p);
  return { kind: 'interval', negative: sign === '-', value, qualifier, span: p.span(start) };
}

/** `'90 SECONDS'`: a unit within the quotes is reported, and read as if it stood behind them. */
function unitInside(p: Cursor, value: StringLiteral): Pick<IntervalLiteral, 'value' | 'qualifier'> | undefined {
  const [, number, word] = /^\s*(\d+)\s*([a-z]+)\s*$/i.exec(value.value) ?? [];
  const from = units.get(word?.toUpperCase() ?? '');
  if (number === undefined || from === undefined || beginsQualifier(p)) return undefined;
  const { span } = value;
  p.report(`found the unit ${word} within the quotes, expected it behind them`, span, {
    fix: { span, text: `'${number}' ${from}` },
  });
  return { value: { kind: 'string', value: number, span }, qualifier: { from, span } };
}

function parseIntervalValue(p: Cursor): StringLiteral {
  const token = p.peek();
  if (token.kind === 'number') {
    const span = { start: token.start, end: token.end };
    const value = p.source(span);
    p.report(`found the number ${value}, expected a string literal`, span, {
      code: 'unsupported',
      help: 'the value of an INTERVAL stands in quotes',
      fix: { span, text: `'${value}'` },
    });
    p.take();
    return { kind: 'string', value, span };
  }
  if (token.kind !== 'string' && token.kind !== 'double-quoted' && (token.kind === 'word' || token.key === '(')) {
    p.unsupported('INTERVAL of an expression is', { start: token.start, end: token.end }, "write x * INTERVAL '1' DAY");
  }
  return parseString(p, 'the value of the interval in quotes', false);
}

/** Whether a unit of an interval follows. */
export function beginsQualifier(p: Cursor): boolean {
  return units.has(p.peek().key);
}

/** `DAY(3) TO SECOND(2)`. */
export function parseQualifier(p: Cursor): IntervalQualifier {
  const start = p.peek();
  const from = parseUnit(p);
  let precision: number | undefined;
  let fraction: number | undefined;
  if (p.accept('(')) {
    precision = parseDigits(p);
    if (from === 'SECOND' && p.accept(',')) fraction = parseDigits(p);
    p.expect(')');
  }
  let to: TimeUnit | undefined;
  if (p.is('TO') && ends[from] !== undefined) {
    p.take();
    const end = p.peek();
    to = parseUnit(p);
    if (!ends[from].includes(to))
      p.fail(`an interval from ${from} TO ${to} does not exist`, { start: end.start, end: end.end });
    if (to === 'SECOND' && p.accept('(')) {
      fraction = parseDigits(p);
      p.expect(')');
    }
  }
  return {
    from,
    ...(precision === undefined ? {} : { precision }),
    ...(to === undefined ? {} : { to }),
    ...(fraction === undefined ? {} : { fraction }),
    span: p.span(start),
  };
}

function parseUnit(p: Cursor): TimeUnit {
  const unit = units.get(p.peek().key);
  if (unit === undefined) {
    const { key, start, end } = p.peek();
    const meant = short.get(key);
    const more = meant && { help: `did you mean ${meant}?`, fix: { span: { start, end }, text: meant } };
    return p.unexpected('a unit such as SECOND, MINUTE, HOUR, DAY, MONTH or YEAR', more);
  }
  p.take();
  return unit;
}

function parseDigits(p: Cursor): number {
  const token = p.peek();
  if (token.kind !== 'number' || !/^\d+$/.test(p.source(token))) return p.unexpected('a number');
  p.take();
  return Number(p.source(token));
}
