/**
 * Flink's data types as plain data. Each kind has exactly one run-time representation:
 *
 * | kind                          | scalar in generated code               | column storage        |
 * |-------------------------------|----------------------------------------|-----------------------|
 * | BOOLEAN                       | boolean                                | Uint8Array of 0/1     |
 * | TINYINT SMALLINT INT          | number, wrapped to its width           | Int32Array            |
 * | BIGINT                        | bigint, wrapped by BigInt.asIntN(64)   | BigInt64Array         |
 * | FLOAT                         | number, rounded by Math.fround         | Float64Array          |
 * | DOUBLE                        | number                                 | Float64Array          |
 * | DECIMAL(p ≤ 18, s)            | bigint, unscaled                       | BigInt64Array         |
 * | DECIMAL(p > 18, s)            | bigint, unscaled                       | array of bigint       |
 * | CHAR VARCHAR                  | string                                 | array of string       |
 * | BINARY VARBINARY              | Uint8Array                             | array of Uint8Array   |
 * | DATE                          | number, days since 1970-01-01          | Int32Array            |
 * | TIME(p)                       | number, milliseconds of the day        | Int32Array            |
 * | TIMESTAMP(p) TIMESTAMP_LTZ(p) | bigint, see `timestampUnit`            | BigInt64Array         |
 * | TIMESTAMP… with p > 6         | bigint, nanoseconds                    | array of bigint       |
 * | INTERVAL_YEAR_MONTH           | number, months                         | Int32Array            |
 * | INTERVAL_DAY_TIME             | bigint, milliseconds                   | BigInt64Array         |
 * | ARRAY                         | array of scalars, null for NULL        | array                 |
 * | MAP                           | Map of scalars (value null for NULL)   | array                 |
 * | MULTISET                      | Map of scalar → count (number)         | array                 |
 * | ROW                           | array of scalars, null for NULL        | array                 |
 * | NULL                          | null                                   | array                 |
 *
 * TIMESTAMP counts from 1970-01-01 00:00:00 without a zone, TIMESTAMP_LTZ from the same instant in UTC:
 * microseconds up to precision 6, nanoseconds above.
 */
export type DataType = (
  | { readonly kind: 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE' | 'NULL' }
  | { readonly kind: 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY'; readonly length: number }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ'; readonly precision: number }
  | IntervalType
  | { readonly kind: 'ARRAY' | 'MULTISET'; readonly element: DataType }
  | { readonly kind: 'MAP'; readonly key: DataType; readonly value: DataType }
  | { readonly kind: 'ROW'; readonly fields: readonly Field[] }
) & { readonly nullable: boolean };

/** `units` is Flink's text of the qualifier, e.g. 'SECOND(3)', 'DAY TO SECOND(3)', 'MONTH', 'YEAR TO MONTH'. */
export interface IntervalType {
  readonly kind: 'INTERVAL_YEAR_MONTH' | 'INTERVAL_DAY_TIME';
  readonly units: string;
}

export type TypeKind = DataType['kind'];

export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly comment?: string;
}

/** The value of one field of one row outside generated code; null is SQL NULL. */
export type Scalar =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Scalar[]
  | ReadonlyMap<Scalar, Scalar>;

/** A relation's columns. `primaryKey` and `rowtime` are indexes into `fields`. */
export interface Schema {
  readonly fields: readonly Field[];
  readonly primaryKey?: readonly number[];
  readonly rowtime?: number;
}

export const MAX_LENGTH = 2147483647;

type SimpleKind = 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE' | 'NULL';

function simple<K extends SimpleKind>(kind: K) {
  return (nullable = true): DataType => ({ kind, nullable });
}

/** Constructors, nullable unless told otherwise: `type.decimal(10, 2)`, `type.bigint(false)`. */
export const type = {
  boolean: simple('BOOLEAN'),
  tinyint: simple('TINYINT'),
  smallint: simple('SMALLINT'),
  int: simple('INT'),
  bigint: simple('BIGINT'),
  float: simple('FLOAT'),
  double: simple('DOUBLE'),
  date: simple('DATE'),
  null: (): DataType => ({ kind: 'NULL', nullable: true }),
  string: (nullable = true): DataType => ({ kind: 'VARCHAR', length: MAX_LENGTH, nullable }),
  char: (length: number, nullable = true): DataType => ({ kind: 'CHAR', length, nullable }),
  varchar: (length: number, nullable = true): DataType => ({ kind: 'VARCHAR', length, nullable }),
  bytes: (nullable = true): DataType => ({ kind: 'VARBINARY', length: MAX_LENGTH, nullable }),
  binary: (length: number, nullable = true): DataType => ({ kind: 'BINARY', length, nullable }),
  varbinary: (length: number, nullable = true): DataType => ({ kind: 'VARBINARY', length, nullable }),
  decimal: (precision: number, scale: number, nullable = true): DataType => ({
    kind: 'DECIMAL',
    precision,
    scale,
    nullable,
  }),
  time: (precision = 0, nullable = true): DataType => ({ kind: 'TIME', precision, nullable }),
  timestamp: (precision = 6, nullable = true): DataType => ({ kind: 'TIMESTAMP', precision, nullable }),
  timestampLtz: (precision = 6, nullable = true): DataType => ({ kind: 'TIMESTAMP_LTZ', precision, nullable }),
  intervalMonths: (units = 'MONTH', nullable = true): DataType => ({ kind: 'INTERVAL_YEAR_MONTH', units, nullable }),
  intervalMillis: (units = 'SECOND(3)', nullable = true): DataType => ({ kind: 'INTERVAL_DAY_TIME', units, nullable }),
  array: (element: DataType, nullable = true): DataType => ({ kind: 'ARRAY', element, nullable }),
  multiset: (element: DataType, nullable = true): DataType => ({ kind: 'MULTISET', element, nullable }),
  map: (key: DataType, value: DataType, nullable = true): DataType => ({ kind: 'MAP', key, value, nullable }),
  row: (fields: readonly Field[], nullable = true): DataType => ({ kind: 'ROW', fields, nullable }),
} as const;

/** The same type with another nullability; the same object where nothing changes. */
export function withNullable(t: DataType, nullable: boolean): DataType {
  return t.nullable === nullable ? t : { ...t, nullable };
}

/** Units of one second in the run-time value of a TIMESTAMP or TIMESTAMP_LTZ. */
export function timestampUnit(precision: number): bigint {
  return precision > 6 ? 1_000_000_000n : 1_000_000n;
}

/** Whether two types are the same, nullability of the top level aside. */
export function sameType(a: DataType, b: DataType): boolean {
  return typeText(a, false) === typeText(b, false);
}

/** Flink's summary text, as TYPEOF and DESCRIBE print it: `DECIMAL(10, 2) NOT NULL`, `ROW<`a` INT, `b` STRING>`. */
export function typeText(t: DataType, withNullability = true): string {
  const text = bareText(t);
  return withNullability && !t.nullable ? `${text} NOT NULL` : text;
}

function bareText(t: DataType): string {
  switch (t.kind) {
    case 'VARCHAR':
      return t.length === MAX_LENGTH ? 'STRING' : `VARCHAR(${t.length})`;
    case 'VARBINARY':
      return t.length === MAX_LENGTH ? 'BYTES' : `VARBINARY(${t.length})`;
    case 'CHAR':
    case 'BINARY':
      return `${t.kind}(${t.length})`;
    case 'DECIMAL':
      return `DECIMAL(${t.precision}, ${t.scale})`;
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${t.kind}(${t.precision})`;
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return `INTERVAL ${t.units}`;
    case 'ARRAY':
    case 'MULTISET':
      return `${t.kind}<${typeText(t.element)}>`;
    case 'MAP':
      return `MAP<${typeText(t.key)}, ${typeText(t.value)}>`;
    case 'ROW':
      return `ROW<${t.fields.map((f) => `\`${f.name}\` ${typeText(f.type)}`).join(', ')}>`;
    default:
      return t.kind;
  }
}
