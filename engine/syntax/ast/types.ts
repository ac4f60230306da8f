import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Identifier, StringLiteral } from './names.ts';

/**
 * `name` in upper case as written after normalisation: INT, STRING, TIMESTAMP, TIMESTAMP_LTZ (also for
 * `TIMESTAMP WITH LOCAL TIME ZONE`), ARRAY, MAP, ROW, MULTISET, INTERVAL, … `parameters` are the numbers in brackets.
 */
export interface TypeNode {
  readonly kind: 'type';
  readonly name: string;
  readonly parameters: readonly number[];
  /** ARRAY and MULTISET: one; MAP: key and value. */
  readonly elements: readonly TypeNode[];
  /** ROW only. */
  readonly fields: readonly { readonly name: Identifier; readonly type: TypeNode; readonly comment?: StringLiteral }[];
  /** INTERVAL only. */
  readonly interval?: IntervalQualifier;
  /** Written `NOT NULL` (false) or `NULL` (true); absent: nothing written. */
  readonly nullable?: boolean;
  readonly span: Span;
}

export type TimeUnit =
  | 'MILLENNIUM'
  | 'CENTURY'
  | 'DECADE'
  | 'YEAR'
  | 'QUARTER'
  | 'MONTH'
  | 'WEEK'
  | 'DAY'
  | 'DOW'
  | 'DOY'
  | 'ISODOW'
  | 'ISOYEAR'
  | 'HOUR'
  | 'MINUTE'
  | 'SECOND'
  | 'MILLISECOND'
  | 'MICROSECOND'
  | 'NANOSECOND'
  | 'EPOCH';

export interface IntervalQualifier {
  readonly from: TimeUnit;
  readonly precision?: number;
  readonly to?: TimeUnit;
  readonly fraction?: number;
  readonly span: Span;
}
