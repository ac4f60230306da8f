import type { DataType } from '../types/data-type.ts';
import { updatesOf } from './changelog.ts';
import { timeAttributesOf, windowColumnsOf } from './event-time.ts';
import type { Expr } from './expr.ts';
import { conjuncts } from './join-condition.ts';
import { asksOnly, type Join, type Plan, type TimeAttribute } from './plan.ts';

/** How long a row of a join whose partners are bounded in time can find one. */
export interface TimeBounds {
  readonly kind: 'interval' | 'window';
  readonly attribute: TimeAttribute;
  /** The time column of each input, by its own index. */
  readonly columns: readonly [number, number];
  /** A row of each input is done with when its time plus this is behind event time; microseconds. */
  readonly keep: readonly [bigint, bigint];
}

/**
 * The bounds of a join of rows that only come: of their time attributes (`l.ts BETWEEN r.ts - INTERVAL … AND r.ts`), or
 * of the same window on both sides. Undefined where rows may meet at any time.
 */
export function timeBoundsOf(join: Join): TimeBounds | undefined {
  if (asksOnly(join.type) || !onlyAdds(join)) return undefined;
  return windowBounds(join) ?? intervalBounds(join);
}

/**
 * The bounds of a join of rows of the same window, semi and anti joins too: rows of windows that event time has closed are
 * late.
 */
export function windowBoundsOf(join: Join): TimeBounds | undefined {
  return onlyAdds(join) ? windowBounds(join) : undefined;
}

function onlyAdds(join: Join): boolean {
  if (join.asOf !== undefined || join.condition === undefined) return false;
  return updatesOf(join.left) === undefined && updatesOf(join.right) === undefined;
}

/** Whether rows may be of windows that event time has closed: those that a window table function gives, as they come. */
export function mayBeLate(plan: Plan): boolean {
  switch (plan.kind) {
    case 'filter':
    case 'project':
    case 'unnest':
      return mayBeLate(plan.input);
    case 'window':
      return plan.window.kind !== 'session';
    default:
      return false;
  }
}

/** The rows of a window are done with once event time gets to its last millisecond. */
const WINDOW_KEEP = -1001n;

function windowBounds(join: Join): TimeBounds | undefined {
  const left = windowColumnsOf(join.left);
  const right = windowColumnsOf(join.right);
  if (left === undefined || right === undefined) return undefined;
  const equal = (l: number, r: number) =>
    conjuncts(join.condition).some((part) => {
      const pair = part.kind === 'call' && part.name === '=' ? columnPair(part.arguments, join) : undefined;
      return pair !== undefined && pair[0] === l && pair[1] === r;
    });
  if (!equal(left.start, right.start) || !equal(left.end, right.end)) return undefined;
  const { attribute } = left;
  if (right.attribute !== attribute) return undefined;
  if (left.zone !== undefined || right.zone !== undefined) {
    // Bounds are told by a local clock, event time is not.
    if (left.time < 0 || right.time < 0) return undefined;
    return { kind: 'window', attribute, columns: [left.time, right.time], keep: [-1n, -1n] };
  }
  return { kind: 'window', attribute, columns: [left.end, right.end], keep: [WINDOW_KEEP, WINDOW_KEEP] };
}

/** The columns of both sides that are compared, if that is all. */
function columnPair([a, b]: readonly Expr[], { left }: Join): readonly [number, number] | undefined {
  const width = left.fields.length;
  if (a?.kind !== 'column' || b?.kind !== 'column' || a.index < width === b.index < width) return undefined;
  return a.index < width ? [a.index, b.index - width] : [b.index, a.index - width];
}

/** `left - right` lies within. */
interface Range {
  readonly columns: readonly [number, number];
  readonly attribute: TimeAttribute;
  lower?: bigint;
  upper?: bigint;
}

function intervalBounds(join: Join): TimeBounds | undefined {
  const width = join.left.fields.length;
  const attributes = [...timeAttributesOf(join.left), ...timeAttributesOf(join.right)];
  const ranges: Range[] = [];
  for (const part of conjuncts(join.condition)) {
    if (part.kind !== 'call') continue;
    const operator = part.name in MIRRORED ? (part.name as keyof typeof MIRRORED) : undefined;
    if (operator === undefined) continue;
    const [a, b] = part.arguments.map((side) => linear(side));
    if (a === undefined || b === undefined || a.index < width === b.index < width) continue;
    const attribute = attributes[a.index];
    if (attribute === undefined || attributes[b.index] !== attribute) continue;
    const [left, right] = a.index < width ? [a, b] : [b, a];
    const comparison = left === a ? operator : MIRRORED[operator];
    const difference = right.offset - left.offset;
    const columns = [left.index, right.index - width] as const;
    let range = ranges.find((each) => each.columns[0] === columns[0] && each.columns[1] === columns[1]);
    if (range === undefined) {
      range = { columns, attribute };
      ranges.push(range);
    }
    if (comparison !== '<' && comparison !== '<=') {
      range.lower = range.lower === undefined || difference > range.lower ? difference : range.lower;
    }
    if (comparison !== '>' && comparison !== '>=') {
      range.upper = range.upper === undefined || difference < range.upper ? difference : range.upper;
    }
  }
  for (const { columns, attribute, lower, upper } of ranges) {
    if (lower === undefined || upper === undefined) continue;
    return { kind: 'interval', attribute, columns, keep: [-lower, upper] };
  }
  return undefined;
}

/** What holds of (b, a) where the operator holds of (a, b). */
const MIRRORED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** A timestamp column plus a constant, in microseconds; undefined for everything else. */
function linear(expr: Expr): { index: number; offset: bigint } | undefined {
  if (expr.kind === 'column') return isMicros(expr.type) ? { index: expr.index, offset: 0n } : undefined;
  if (expr.kind === 'cast') {
    return isMicros(expr.type) && expr.type.kind === expr.input.type.kind ? linear(expr.input) : undefined;
  }
  if (expr.kind !== 'call' || (expr.name !== '+' && expr.name !== '-')) return undefined;
  const [a, b] = expr.arguments as [Expr, Expr];
  const [time, length] = isLength(b) ? [linear(a), b] : expr.name === '+' && isLength(a) ? [linear(b), a] : [];
  if (time === undefined || length === undefined) return undefined;
  const micros = (length.value as bigint) * 1000n;
  return { index: time.index, offset: time.offset + (expr.name === '+' ? micros : -micros) };
}

function isMicros(t: DataType): boolean {
  return (t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ') && t.precision <= 6;
}

function isLength(expr: Expr): expr is Extract<Expr, { kind: 'literal' }> {
  return expr.kind === 'literal' && expr.type.kind === 'INTERVAL_DAY_TIME' && expr.value !== null;
}
