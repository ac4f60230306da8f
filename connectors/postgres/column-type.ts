import { type DataType, typeText } from '../../engine/types/data-type.ts';
import { textWriter } from '../../engine/types/text.ts';
import { findTimeZone } from '../../engine/types/time-zone.ts';
import { arrayText, jsonText, type ToText } from './literal.ts';
import { quoteName, quoteText } from './quote.ts';

/** Types that columns travel in, as arrays. */
export type ElementType =
  | 'bool'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'float4'
  | 'float8'
  | 'numeric'
  | 'text'
  | 'bytea'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval';

/** A type of PostgreSQL behind its domains, as the catalog has it. */
export interface PostgresType {
  /** As people write it: 'character varying(3)', 'numeric(10,2)', 'uuid'. */
  readonly text: string;
  readonly schema: string;
  /** 'varchar', 'numeric', '_int4' for an array. */
  readonly name: string;
  /** Its letter in pg_type.typcategory: N numbers, S strings, A arrays, E enums, … */
  readonly category: string;
  /** Length of strings; undefined where unlimited. */
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
  /** Of arrays. */
  readonly element?: { readonly name: string; readonly category: string };
}

/** How values of a Flink type reach a column. */
export interface ColumnFit {
  readonly element: ElementType;
  readonly toText?: ToText;
  /** The SQL that makes the column's value of `ref`, an element of the parameter array. */
  expression(ref: string): string;
  /** What is lost on the way, for a warning; absent: nothing, or an error tells. */
  readonly loss?: string;
}

const elements: { readonly [K in DataType['kind']]?: ElementType } = {
  BOOLEAN: 'bool',
  TINYINT: 'int2',
  SMALLINT: 'int2',
  INT: 'int4',
  BIGINT: 'int8',
  FLOAT: 'float4',
  DOUBLE: 'float8',
  DECIMAL: 'numeric',
  CHAR: 'text',
  VARCHAR: 'text',
  BINARY: 'bytea',
  VARBINARY: 'bytea',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_LTZ: 'timestamptz',
  INTERVAL_YEAR_MONTH: 'interval',
  INTERVAL_DAY_TIME: 'interval',
};

const numbers = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']);
/** Numeric columns that hold every value of an element type, or refuse what they cannot hold. */
const exact: Readonly<Record<string, readonly string[]>> = {
  int2: ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'],
  int4: ['int2', 'int4', 'int8', 'numeric', 'float8'],
  int8: ['int2', 'int4', 'int8', 'numeric'],
  float4: ['float4', 'float8'],
  float8: ['float8'],
  numeric: ['numeric'],
};

export interface FitSettings {
  /** Where TIMESTAMP and TIMESTAMP_LTZ are converted into each other. */
  readonly zone: string;
  /** Strings may go into columns of any type (`stringtype=unspecified` in the url). */
  readonly castStrings: boolean;
}

/** How a Flink type is written into a column of a PostgreSQL type; undefined where it is not. */
export function fitColumn(t: DataType, column: PostgresType, settings: FitSettings): ColumnFit | undefined {
  const element = elements[t.kind];
  if (column.name === 'json' || column.name === 'jsonb') return fitJson(t, column);
  if (element === undefined) return fitNested(t, column);
  if (element === column.name) return straight(element, digitLoss(t, column));
  if (element === 'text') return fitText(column, settings);
  if (column.category === 'S') return fitIntoString(t, element);
  if (numbers.has(element) && numbers.has(column.name)) {
    const whole = exact[element]!.includes(column.name);
    return straight(element, whole ? undefined : `${typeText(t, false)} is rounded to ${column.text}`);
  }
  if (element === 'timestamp' && column.name === 'timestamptz') return inZone(element, settings.zone);
  if (element === 'timestamptz' && column.name === 'timestamp') return inZone(element, settings.zone);
  if (element === 'date' && column.name === 'timestamp') return straight(element);
  if (element === 'timestamp' && column.name === 'date') return straight(element, 'the time of day is dropped');
  return undefined;
}

/** Whether values compare in the column as they do in Flink: none are rounded together, no clock is set back. */
export function keepsOrder(fit: ColumnFit, column: PostgresType, { zone }: FitSettings): boolean {
  if (fit.loss !== undefined) return false;
  if (fit.element === column.name || (fit.element === 'date' && column.name === 'timestamp')) return true;
  if (numbers.has(fit.element)) return numbers.has(column.name);
  return column.name.startsWith('timestamp') && (zone === 'UTC' || /[+-]\d/.test(zone));
}

function straight(element: ElementType, loss?: string): ColumnFit {
  return { element, expression: (ref) => ref, ...(loss === undefined ? {} : { loss }) };
}

function digitLoss(t: DataType, column: PostgresType): string | undefined {
  if (t.kind !== 'DECIMAL' || column.scale === undefined || column.scale >= t.scale) return undefined;
  return `${typeText(t, false)} is rounded to ${column.text}`;
}

/** Strings go into string columns as they are, and through a cast into what has no type of its own in Flink. */
function fitText(column: PostgresType, settings: FitSettings): ColumnFit | undefined {
  if (column.category === 'S') return straight('text');
  const typed = 'NBDAC'.includes(column.category) || ['bytea', 'time', 'timetz'].includes(column.name);
  return typed && !settings.castStrings ? undefined : cast('text', column);
}

function fitIntoString(t: DataType, element: ElementType): ColumnFit | undefined {
  if (numbers.has(element) || element === 'bool') return straight(element);
  if (element === 'bytea') return undefined;
  return { ...straight('text'), toText: textWriter(t, 'UTC') };
}

function cast(element: ElementType, column: PostgresType, toText?: ToText): ColumnFit {
  const target = `${quoteName(column.schema)}.${quoteName(column.name)}`;
  return { element, expression: (ref) => `${ref}::${target}`, ...(toText === undefined ? {} : { toText }) };
}

function fitJson(t: DataType, column: PostgresType): ColumnFit | undefined {
  if (t.kind === 'CHAR' || t.kind === 'VARCHAR') return cast('text', column);
  return elements[t.kind] === undefined && t.kind !== 'NULL' ? cast('text', column, jsonText(t)) : undefined;
}

function fitNested(t: DataType, column: PostgresType): ColumnFit | undefined {
  if (column.category === 'S' && t.kind !== 'NULL') return { ...straight('text'), toText: jsonText(t) };
  if (t.kind !== 'ARRAY' || column.element === undefined) return undefined;
  let innermost = t.element;
  while (innermost.kind === 'ARRAY') innermost = innermost.element;
  const element = elements[innermost.kind];
  if (element === undefined) return undefined;
  const inner = column.element;
  const fits =
    element === inner.name ||
    exact[element]?.includes(inner.name) === true ||
    (element === 'text' && !'NBDA'.includes(inner.category) && inner.name !== 'bytea');
  return fits ? cast('text', column, arrayText({ ...t, kind: 'ARRAY' })) : undefined;
}

function inZone(element: ElementType, zone: string): ColumnFit {
  return { element, expression: (ref) => `(${ref} AT TIME ZONE ${zoneText(zone)})` };
}

/** Offsets are written as intervals: in their POSIX form PostgreSQL counts them the other way round. */
function zoneText(zone: string): string {
  const rules = /[+-]\d/.test(zone) ? findTimeZone(zone) : undefined;
  return rules === undefined ? quoteText(zone) : `INTERVAL '${rules.offsetAt(0) / 1000} seconds'`;
}

/** The column type that holds exactly the values of a Flink type: of created tables, and of proposals. */
export function columnTypeFor(t: DataType): string {
  switch (t.kind) {
    case 'BOOLEAN':
      return 'boolean';
    case 'TINYINT':
    case 'SMALLINT':
      return 'smallint';
    case 'INT':
      return 'integer';
    case 'BIGINT':
      return 'bigint';
    case 'FLOAT':
      return 'real';
    case 'DOUBLE':
      return 'double precision';
    case 'DECIMAL':
      return `numeric(${t.precision}, ${t.scale})`;
    case 'CHAR':
    case 'VARCHAR':
      return t.length < 10_485_761 ? `varchar(${t.length})` : 'text';
    case 'BINARY':
    case 'VARBINARY':
      return 'bytea';
    case 'DATE':
      return 'date';
    case 'TIME':
      return `time(${Math.min(t.precision, 6)})`;
    case 'TIMESTAMP':
      return `timestamp(${Math.min(t.precision, 6)})`;
    case 'TIMESTAMP_LTZ':
      return `timestamptz(${Math.min(t.precision, 6)})`;
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return 'interval';
    case 'ARRAY': {
      const inner = columnTypeFor(t.element);
      return inner === 'jsonb' ? 'jsonb' : `${inner}[]`;
    }
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      return 'jsonb';
    case 'NULL':
      return 'text';
  }
}
