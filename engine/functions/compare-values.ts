import { commonType, isApproximate, isBinary, isInteger, isNumeric, isText, isTimestamp } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type } from '../types/data-type.ts';
import { powerOfTen } from '../types/decimal.ts';

/**
 * What `=` answers for two values of one type. Inside of rows and maps NULL equals NULL, inside of arrays it does not;
 * NaN equals nothing.
 */
export function equalValues(t: DataType, a: Scalar, b: Scalar): boolean {
  if (a === null || b === null) return a === b;
  switch (t.kind) {
    case 'BINARY':
    case 'VARBINARY':
      return compareBytes(a as Uint8Array, b as Uint8Array) === 0;
    case 'ARRAY': {
      const x = a as readonly Scalar[];
      const y = b as readonly Scalar[];
      return x.length === y.length && x.every((item, i) => item !== null && equalValues(t.element, item, y[i]!));
    }
    case 'ROW': {
      const x = a as readonly Scalar[];
      const y = b as readonly Scalar[];
      return t.fields.every((field, i) => equalValues(field.type, x[i]!, y[i]!));
    }
    case 'MAP':
      return equalMaps(t.key, t.value, a as ReadonlyMap<Scalar, Scalar>, b as ReadonlyMap<Scalar, Scalar>);
    case 'MULTISET':
      return equalMaps(t.element, type.int(), a as ReadonlyMap<Scalar, Scalar>, b as ReadonlyMap<Scalar, Scalar>);
    default:
      return a === b;
  }
}

function equalMaps(
  key: DataType,
  item: DataType,
  a: ReadonlyMap<Scalar, Scalar>,
  b: ReadonlyMap<Scalar, Scalar>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [k, v] of a) {
    const other = findKey(key, b, k);
    if (other === undefined || !equalValues(item, v, other)) return false;
  }
  return true;
}

/** The value of a key, undefined where the map has none. */
export function findKey(key: DataType, map: ReadonlyMap<Scalar, Scalar>, wanted: Scalar): Scalar | undefined {
  if (!hasIdentity(key)) {
    for (const [k, v] of map) if (equalValues(key, k, wanted)) return v;
    return undefined;
  }
  return map.get(wanted);
}

/** Whether equal values of the type are the same JavaScript value. */
export function hasIdentity(t: DataType): boolean {
  return !(isBinary(t) || t.kind === 'ARRAY' || t.kind === 'ROW' || t.kind === 'MAP' || t.kind === 'MULTISET');
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Order of two non-null values of a type that has one: negative, 0 or positive. NaN is the greatest. */
export function compareValues(t: DataType, a: Scalar, b: Scalar): number {
  if (isBinary(t)) return compareBytes(a as Uint8Array, b as Uint8Array);
  if (t.kind === 'ROW') {
    for (const [i, field] of t.fields.entries()) {
      const order = compareNullable(field.type, (a as readonly Scalar[])[i]!, (b as readonly Scalar[])[i]!);
      if (order !== 0) return order;
    }
    return 0;
  }
  if (isApproximate(t)) {
    const x = a as number;
    const y = b as number;
    if (x === y) return 0;
    if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : 1;
    return Number.isNaN(y) || x < y ? -1 : 1;
  }
  return a === b ? 0 : (a as number) < (b as number) ? -1 : 1;
}

/** As `compareValues`, NULL first. */
export function compareNullable(t: DataType, a: Scalar, b: Scalar): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareValues(t, a, b);
}

/** The types two operands are cast to before their run-time values are compared; undefined: they cannot be. */
export interface Comparison {
  readonly left: DataType;
  readonly right: DataType;
  /** Factors which bring two unscaled decimals to one scale; 1n mostly. */
  readonly leftFactor: bigint;
  readonly rightFactor: bigint;
}

export function comparisonOf(a: DataType, b: DataType): Comparison | undefined {
  const both = (left: DataType, right = left): Comparison => ({ left, right, leftFactor: 1n, rightFactor: 1n });
  if (isNumeric(a) && isNumeric(b)) return numericComparison(a, b, both);
  if ((isText(a) && isText(b)) || (isBinary(a) && isBinary(b))) return both(a, b);
  // A text beside a date or time is read as one.
  if (isText(a) && (isTimestamp(b) || b.kind === 'DATE' || b.kind === 'TIME')) return both(b);
  if (isText(b) && (isTimestamp(a) || a.kind === 'DATE' || a.kind === 'TIME')) return both(a);
  if (a.kind === 'TIMESTAMP' || a.kind === 'TIMESTAMP_LTZ') {
    if (!isTimestamp(b)) return undefined;
    const precision = Math.max(a.precision, (b as typeof a).precision);
    const kind = a.kind === b.kind ? a.kind : 'TIMESTAMP_LTZ';
    return both({ kind, precision, nullable: a.nullable });
  }
  if (a.kind !== b.kind) return undefined;
  return a.kind === 'ROW' && a.fields.length !== (b as typeof a).fields.length ? undefined : both(a, b);
}

/** Floating types meet as in `commonType`, where the first of FLOAT and DOUBLE wins; integers and decimals exactly. */
function numericComparison(
  a: DataType,
  b: DataType,
  both: (left: DataType, right?: DataType) => Comparison,
): Comparison {
  if (isApproximate(a) || isApproximate(b)) return both(commonType([a, b])!);
  if (isInteger(a) && isInteger(b)) {
    return both(a.kind === 'BIGINT' || b.kind === 'BIGINT' ? type.bigint() : type.int());
  }
  const left = a.kind === 'DECIMAL' ? a : type.bigint();
  const right = b.kind === 'DECIMAL' ? b : type.bigint();
  const leftScale = left.kind === 'DECIMAL' ? left.scale : 0;
  const rightScale = right.kind === 'DECIMAL' ? right.scale : 0;
  const scale = Math.max(leftScale, rightScale);
  return { left, right, leftFactor: powerOfTen(scale - leftScale), rightFactor: powerOfTen(scale - rightScale) };
}
