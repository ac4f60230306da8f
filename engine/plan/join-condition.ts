import { decimalOf, isBinary, isText } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { sameType, withNullable } from '../types/data-type.ts';
import { and, caseWhen, castTo, isNull, literal } from './build.ts';
import { type Expr, forEachColumn, isDeterministic, replaceColumns } from './expr.ts';
import { exprText } from './expr-text.ts';
import type { Join } from './plan.ts';

interface Key {
  readonly left: Expr;
  readonly right: Expr;
}

/** A join's condition, taken apart. */
export interface JoinCondition {
  /** Pairs of one type of which all must be equal; each over the columns of its own side. NULL equals nothing. */
  readonly keys: readonly Key[];
  /** What must be TRUE besides, over the columns of the left, then those of the right. */
  readonly rest?: Expr;
}

/**
 * The equalities of a condition by which rows are looked up, where `fits` takes them, and the rest, which is tested for
 * each pair.
 */
export function splitCondition(
  join: Pick<Join, 'left' | 'right' | 'condition'>,
  fits: (key: Key) => boolean = () => true,
): JoinCondition {
  const keys: Key[] = [];
  const rest: Expr[] = [];
  for (const part of conjuncts(join.condition)) {
    const key = keyOf(part, join);
    const found = key === undefined ? nullSafeKeys(part, join) : [key];
    if (found.length === 0 || !found.every(fits)) rest.push(part);
    else keys.push(...found);
  }
  return rest.length === 0 ? { keys } : { keys, rest: conjunction(rest)! };
}

/**
 * The keys of `a NOT IN (SELECT b …)` where either may be NULL: an anti or mark join whose whole condition is that `a = b`
 * is not FALSE; undefined for other joins.
 */
export function notInKeys(join: Join): JoinCondition['keys'] | undefined {
  const { type, condition } = join;
  if ((type !== 'anti' && type !== 'mark') || condition?.kind !== 'not') return undefined;
  const { operand } = condition;
  if (operand.kind !== 'call' || operand.name !== 'IS FALSE') return undefined;
  const key = keyOf(operand.arguments[0]!, join);
  // A NaN equals nothing, not even itself, and -0 equals 0: as keys they are told apart otherwise.
  return key === undefined || isApproximate(key.left.type) ? undefined : [key];
}

/** The parts of a conjunction; none of an absent one. */
export function conjuncts(condition: Expr | undefined): readonly Expr[] {
  if (condition === undefined) return [];
  return condition.kind === 'and' ? condition.operands.flatMap(conjuncts) : [condition];
}

export function conjunction(parts: readonly Expr[]): Expr | undefined {
  return parts.length > 1 ? and(parts) : parts[0];
}

/** Of which inputs an expression over both reads columns, the left having `width` of them. */
export function sidesOf(expr: Expr, width: number): 'none' | 'left' | 'right' | 'both' {
  let left = false;
  let right = false;
  forEachColumn(expr, ({ index }) => {
    if (index < width) left = true;
    else right = true;
  });
  return left ? (right ? 'both' : 'left') : right ? 'right' : 'none';
}

/** An expression over both inputs, which reads the right one only, over the columns of that one. */
export function onRight(expr: Expr, { left, right }: Pick<Join, 'left' | 'right'>): Expr {
  const width = left.fields.length;
  return replaceColumns(expr, (each) => {
    const index = each.index - width;
    return { ...each, index, name: right.fields[index]!.name };
  });
}

function keyOf(part: Expr, join: Pick<Join, 'left' | 'right'>): Key | undefined {
  if (part.kind !== 'call' || part.name !== '=') return undefined;
  return keyOfPair(part.arguments as [Expr, Expr], join);
}

function keyOfPair([a, b]: readonly [Expr, Expr], join: Pick<Join, 'left' | 'right'>): Key | undefined {
  const width = join.left.fields.length;
  if (!isDeterministic(a) || !isDeterministic(b)) return undefined;
  const sides = [sidesOf(a, width), sidesOf(b, width)];
  if (sides[0] === 'right' && sides[1] === 'left') return alike(b, onRight(a, join));
  return sides[0] === 'left' && sides[1] === 'right' ? alike(a, onRight(b, join)) : undefined;
}

/**
 * Those of an equality in which NULL equals NULL: whether the sides are NULL, and their values with another one in its
 * place. None where the part is no such equality.
 */
function nullSafeKeys(part: Expr, join: Pick<Join, 'left' | 'right'>): readonly Key[] {
  const pair = nullSafePair(part);
  const key = pair && keyOfPair(pair, join);
  if (key === undefined) return [];
  const { left, right } = key;
  const substitute = neutral(left.type);
  if (!left.type.nullable && !right.type.nullable) return [key];
  if (substitute === undefined) return [];
  const filled = (side: Expr) =>
    caseWhen([{ when: isNull(side, true), result: side }], literal(withNullable(side.type, false), substitute));
  return [
    { left: isNull(left, false), right: isNull(right, false) },
    { left: filled(left), right: filled(right) },
  ];
}

/** The sides of `a IS NOT DISTINCT FROM b`, or of `a = b OR (a IS NULL AND b IS NULL)`. */
function nullSafePair(part: Expr): readonly [Expr, Expr] | undefined {
  if (part.kind === 'not') {
    const { operand } = part;
    return operand.kind === 'call' && operand.name === 'IS DISTINCT FROM'
      ? (operand.arguments as [Expr, Expr])
      : undefined;
  }
  if (part.kind !== 'or' || part.operands.length !== 2) return undefined;
  const equal = part.operands.find((each) => each.kind === 'call' && each.name === '=');
  const both = part.operands.find((each) => each.kind === 'and');
  if (equal?.kind !== 'call' || both?.kind !== 'and' || both.operands.length !== 2) return undefined;
  const [a, b] = equal.arguments as [Expr, Expr];
  const texts = both.operands.map((each) =>
    each.kind === 'is-null' && !each.negated ? exprText(each.operand) : undefined,
  );
  return texts.includes(exprText(a)) && texts.includes(exprText(b)) ? [a, b] : undefined;
}

/** A value to stand for NULL beside a column that says so; undefined where the type has no simple one. */
function neutral(t: DataType): Scalar | undefined {
  switch (t.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return '';
    case 'BOOLEAN':
      return false;
    case 'BIGINT':
    case 'DECIMAL':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return 0n;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
      return 0;
    default:
      return undefined;
  }
}

/** Both as values of one type that a hash table tells apart as `=` does; undefined where there is none. */
function alike(left: Expr, right: Expr): Key | undefined {
  const [l, r] = [left.type, right.type];
  if (!isKey(l) || !isKey(r)) return undefined;
  if (
    sameType(withNullable(l, true), withNullable(r, true)) ||
    (isText(l) && isText(r)) ||
    (isBinary(l) && isBinary(r))
  )
    return { left, right };
  const [x, y] = [decimalOf(l), decimalOf(r)];
  if (x === undefined || y === undefined) return undefined;
  const scale = Math.max(x.scale, y.scale);
  const precision = Math.max(x.precision - x.scale, y.precision - y.scale) + scale;
  if (precision > 38) return undefined;
  const common: DataType = { kind: 'DECIMAL', precision, scale, nullable: true };
  return { left: castTo(left, common, 'UTC'), right: castTo(right, common, 'UTC') };
}

/**
 * Whether values of a type are found in a hash table. Arrays and rows are compared as a whole, NULLs in them included; the
 * entries of maps have no order.
 */
export function isKey(t: DataType): boolean {
  return !['MAP', 'MULTISET', 'NULL'].includes(t.kind);
}

function isApproximate(t: DataType): boolean {
  return t.kind === 'FLOAT' || t.kind === 'DOUBLE';
}
