import type { DataType, Field } from './data-type.ts';
import { sameType, type, withNullable } from './data-type.ts';

/**
 * The type which CASE, UNION, COALESCE, IN, VALUES and the array and map constructors give values of these types:
 * nullable if one of them is; undefined where Flink has none.
 */
export function commonType(types: readonly DataType[]): DataType | undefined {
  const nullable = types.some((t) => t.nullable);
  let result: DataType | undefined;
  for (const t of types) {
    if (t.kind === 'NULL') continue;
    result = result === undefined ? t : commonOfTwo(result, t);
    if (result === undefined) return undefined;
  }
  return withNullable(result ?? type.null(), nullable);
}

/**
 * The common type of COALESCE, IFNULL, GREATEST and LEAST. It differs from `commonType` where FLOAT meets others, from
 * the left: with DOUBLE it is DOUBLE, before a DECIMAL too, behind one FLOAT; and where one of several timestamps has a
 * time zone: all have one.
 */
export function mergedType(types: readonly DataType[]): DataType | undefined {
  const typed = types.filter((t) => t.kind !== 'NULL');
  const kinds = typed.map((t) => t.kind);
  if (kinds.includes('TIMESTAMP_LTZ') && typed.every(isTimestamp)) {
    const precision = Math.max(...typed.map((t) => (t as TimestampType).precision));
    return { kind: 'TIMESTAMP_LTZ', precision, nullable: types.some((t) => t.nullable) };
  }
  const float = kinds.indexOf('FLOAT');
  if (float < 0 || !typed.every(isNumeric)) return commonType(types);
  const wide = kinds.includes('DOUBLE') || kinds.includes('DECIMAL', float);
  return { kind: wide ? 'DOUBLE' : 'FLOAT', nullable: types.some((t) => t.nullable) };
}

/**
 * The common type of COALESCE and IFNULL: as Flink a DATE with timestamps makes all of them dates, a TIME times; else
 * `mergedType`.
 */
export function coalescedType(types: readonly DataType[]): DataType | undefined {
  const typed = types.filter((t) => t.kind !== 'NULL');
  const part = typed.find((t) => t.kind === 'DATE' || t.kind === 'TIME');
  const mixed = part !== undefined && typed.some((t) => t.kind === 'TIMESTAMP');
  if (!mixed || !typed.every((t) => t.kind === 'TIMESTAMP' || t.kind === part.kind)) return mergedType(types);
  return withNullable(
    part,
    types.some((t) => t.nullable),
  );
}

/** The type of the results of IF: as `commonType`, but of two timestamps always in the kind of the first. */
export function branchType(types: readonly DataType[]): DataType | undefined {
  const common = commonType(types);
  const [first] = types;
  return common !== undefined && isTimestamp(common) && first !== undefined && isTimestamp(first)
    ? ({ ...common, kind: first.kind } as DataType)
    : common;
}

/** DECIMAL digits of the exact numerics, as in `decimalOf`. */
const INTEGER_DIGITS = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 } as const;
const INTEGER_ORDER = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'];

export type DecimalType = Extract<DataType, { kind: 'DECIMAL' }>;

/** The DECIMAL that holds every value of an exact numeric type. */
export function decimalOf(t: DataType): DecimalType | undefined {
  if (t.kind === 'DECIMAL') return t;
  const digits = INTEGER_DIGITS[t.kind as keyof typeof INTEGER_DIGITS];
  return digits === undefined ? undefined : { kind: 'DECIMAL', precision: digits, scale: 0, nullable: t.nullable };
}

export function isInteger(t: DataType): boolean {
  return t.kind in INTEGER_DIGITS;
}

export function isApproximate(t: DataType): boolean {
  return t.kind === 'FLOAT' || t.kind === 'DOUBLE';
}

export function isNumeric(t: DataType): boolean {
  return isInteger(t) || isApproximate(t) || t.kind === 'DECIMAL';
}

export function isText(t: DataType): boolean {
  return t.kind === 'CHAR' || t.kind === 'VARCHAR';
}

export function isBinary(t: DataType): boolean {
  return t.kind === 'BINARY' || t.kind === 'VARBINARY';
}

export function isInterval(t: DataType): boolean {
  return t.kind === 'INTERVAL_YEAR_MONTH' || t.kind === 'INTERVAL_DAY_TIME';
}

export function isTimestamp(t: DataType): boolean {
  return t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ';
}

/** DATE, TIME and the timestamps. */
export function isDatetime(t: DataType): boolean {
  return t.kind === 'DATE' || t.kind === 'TIME' || isTimestamp(t);
}

function commonOfTwo(a: DataType, b: DataType): DataType | undefined {
  if (isNumeric(a) && isNumeric(b)) return commonNumeric(a, b);
  if (isText(a) && isText(b)) return commonSized(a as SizedType, b as SizedType, 'CHAR', 'VARCHAR');
  if (isBinary(a) && isBinary(b)) return commonSized(a as SizedType, b as SizedType, 'BINARY', 'VARBINARY');
  if (a.kind === 'TIMESTAMP' || a.kind === 'TIMESTAMP_LTZ') {
    return isTimestamp(b) ? commonTimestamp(a, b as TimestampType) : undefined;
  }
  if (a.kind !== b.kind) return undefined;
  switch (a.kind) {
    case 'ARRAY':
    case 'MULTISET': {
      const element = commonType([a.element, (b as typeof a).element]);
      return element && { ...a, element };
    }
    case 'MAP': {
      const other = b as typeof a;
      const key = commonType([a.key, other.key]);
      const value = commonType([a.value, other.value]);
      return key && value && { ...a, key, value };
    }
    case 'ROW':
      return commonRow(a, b as typeof a);
    default:
      return a;
  }
}

type TimestampType = Extract<DataType, { kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ' }>;

/** As Flink: of two precisions the greater one and the kind of the second, of one precision the kind of the first. */
function commonTimestamp(a: TimestampType, b: TimestampType): DataType {
  const kind = a.precision === b.precision ? a.kind : b.kind;
  return { kind, precision: Math.max(a.precision, b.precision), nullable: a.nullable };
}

function commonRow(a: Extract<DataType, { kind: 'ROW' }>, b: Extract<DataType, { kind: 'ROW' }>): DataType | undefined {
  if (a.fields.length !== b.fields.length) return undefined;
  const fields: Field[] = [];
  for (const [i, field] of a.fields.entries()) {
    const t = commonType([field.type, b.fields[i]!.type]);
    if (t === undefined) return undefined;
    fields.push({ ...field, type: t });
  }
  return { ...a, fields };
}

/** The first of FLOAT and DOUBLE wins, as in Flink; with a DECIMAL both give DOUBLE. */
function commonNumeric(a: DataType, b: DataType): DataType | undefined {
  if (isInteger(a) && isInteger(b)) return INTEGER_ORDER.indexOf(a.kind) >= INTEGER_ORDER.indexOf(b.kind) ? a : b;
  if (isApproximate(a)) return b.kind === 'DECIMAL' ? { kind: 'DOUBLE', nullable: a.nullable } : a;
  if (isApproximate(b)) return a.kind === 'DECIMAL' ? { kind: 'DOUBLE', nullable: b.nullable } : b;
  const x = decimalOf(a)!;
  const y = decimalOf(b)!;
  const whole = Math.max(x.precision - x.scale, y.precision - y.scale);
  const scale = Math.min(Math.max(x.scale, y.scale), 38 - whole);
  return { kind: 'DECIMAL', precision: Math.min(whole + scale, 38), scale, nullable: a.nullable };
}

type SizedType = Extract<DataType, { length: number }>;

function commonSized(a: SizedType, b: SizedType, fixed: SizedType['kind'], varying: SizedType['kind']): DataType {
  const kind = a.kind === fixed && b.kind === fixed && a.length === b.length ? fixed : varying;
  return { kind, length: Math.max(a.length, b.length), nullable: a.nullable };
}

/**
 * Whether a query's column goes into a sink's column without CAST (Flink's LogicalTypeCasts.supportsImplicitCast): what
 * is too long for a VARCHAR(n) is cut, digits that a DECIMAL has not are rounded away.
 */
export function implicitlyCastable(from: DataType, to: DataType): boolean {
  if (from.kind === 'NULL' || sameType(from, to)) return true;
  switch (to.kind) {
    case 'CHAR':
      return from.kind === 'CHAR';
    case 'VARCHAR':
      return isText(from);
    case 'BINARY':
      return from.kind === 'BINARY';
    case 'VARBINARY':
      return isBinary(from);
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return isInteger(from) && INTEGER_ORDER.indexOf(from.kind) <= INTEGER_ORDER.indexOf(to.kind);
    case 'DECIMAL':
    case 'DOUBLE':
      return isNumeric(from);
    case 'FLOAT':
      return isInteger(from) || from.kind === 'DECIMAL' || from.kind === 'FLOAT';
    case 'DATE':
    case 'TIME':
      return from.kind === to.kind || from.kind === 'TIMESTAMP';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return isTimestamp(from);
    case 'ARRAY':
    case 'MULTISET':
      return from.kind === to.kind && implicitlyCastable(from.element, to.element);
    case 'MAP':
      return from.kind === 'MAP' && implicitlyCastable(from.key, to.key) && implicitlyCastable(from.value, to.value);
    case 'ROW':
      return (
        from.kind === 'ROW' &&
        from.fields.length === to.fields.length &&
        from.fields.every((field, i) => implicitlyCastable(field.type, to.fields[i]!.type))
      );
    default:
      return from.kind === to.kind;
  }
}
