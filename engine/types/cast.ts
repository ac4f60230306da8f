import { numericCast } from './cast-number.ts';
import { binaryCast, textCast } from './cast-text.ts';
import { datetimeCast } from './cast-time.ts';
import type { DataType, Scalar } from './data-type.ts';
import { sameType } from './data-type.ts';
import type { Cast } from './define-cast.ts';
import { fallible, identity, total } from './define-cast.ts';

export type { Cast } from './define-cast.ts';

/**
 * The cast between two types, nullability aside; undefined where Flink has none. TRY_CAST is the same cast with
 * `EvaluationError` turned into NULL. `timeZone` is where TIMESTAMP_LTZ meets the other types.
 */
export function resolveCast(from: DataType, to: DataType, timeZone: string): Cast | undefined {
  if (from.kind === 'NULL') return total(() => null);
  if (sameType(from, to)) return identity;
  switch (to.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return textCast(from, to, timeZone);
    case 'BINARY':
    case 'VARBINARY':
      return binaryCast(from, to);
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
      return numericCast(from, to);
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return datetimeCast(from, to, timeZone);
    case 'ARRAY':
      return from.kind === 'ARRAY' ? elementsCast(from.element, to.element, timeZone) : undefined;
    case 'MAP':
      return from.kind === 'MAP' ? entriesCast(from, to, timeZone) : undefined;
    case 'MULTISET':
      return from.kind === 'MULTISET' ? keysCast(from.element, to.element, timeZone) : undefined;
    case 'ROW':
      return from.kind === 'ROW' ? rowCast(from, to, timeZone) : undefined;
    case 'NULL':
      return undefined;
  }
}

type Nested = (value: Scalar) => Scalar;

function nested(cast: Cast): Nested {
  const evaluate = cast.evaluate as Nested;
  return (value) => (value === null ? null : evaluate(value));
}

function elementsCast(from: DataType, to: DataType, timeZone: string): Cast | undefined {
  const element = resolveCast(from, to, timeZone);
  if (element === undefined || element === identity) return element;
  const convert = nested(element);
  return { ...fallible((value: readonly Scalar[]) => value.map(convert)), fallible: element.fallible };
}

function entriesCast(
  from: Extract<DataType, { kind: 'MAP' }>,
  to: Extract<DataType, { kind: 'MAP' }>,
  timeZone: string,
): Cast | undefined {
  const key = resolveCast(from.key, to.key, timeZone);
  const item = resolveCast(from.value, to.value, timeZone);
  if (key === undefined || item === undefined) return undefined;
  const convertKey = nested(key);
  const convertItem = nested(item);
  return {
    ...fallible(
      (value: ReadonlyMap<Scalar, Scalar>) =>
        new Map(Array.from(value, ([k, v]): [Scalar, Scalar] => [convertKey(k), convertItem(v)])),
    ),
    fallible: key.fallible || item.fallible,
  };
}

function keysCast(from: DataType, to: DataType, timeZone: string): Cast | undefined {
  const element = resolveCast(from, to, timeZone);
  if (element === undefined || element === identity) return element;
  const convert = nested(element);
  return {
    ...fallible(
      (value: ReadonlyMap<Scalar, Scalar>) => new Map(Array.from(value, ([k, n]): [Scalar, Scalar] => [convert(k), n])),
    ),
    fallible: element.fallible,
  };
}

function rowCast(
  from: Extract<DataType, { kind: 'ROW' }>,
  to: Extract<DataType, { kind: 'ROW' }>,
  timeZone: string,
): Cast | undefined {
  if (from.fields.length !== to.fields.length) return undefined;
  const casts: Cast[] = [];
  for (const [i, field] of from.fields.entries()) {
    const cast = resolveCast(field.type, to.fields[i]!.type, timeZone);
    if (cast === undefined) return undefined;
    casts.push(cast);
  }
  if (casts.every((cast) => cast === identity)) return identity;
  const converts = casts.map(nested);
  return {
    ...fallible((value: readonly Scalar[]) => value.map((field, i) => converts[i]!(field))),
    fallible: casts.some((cast) => cast.fallible),
  };
}
