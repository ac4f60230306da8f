import type { RowBatch } from '../types/batch.ts';
import { codePointCount } from '../types/bytes-text.ts';
import { resolveCast } from '../types/cast.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { MAX_LENGTH } from '../types/data-type.ts';
import { type MapValue, mapNested, type Nesting } from './nesting.ts';

/** Told a value whose length its type does not allow: where it stands, the type and the length found. */
export type LengthViolation = (path: string, type: DataType, length: number) => never;

/**
 * Holds the lengths of CHAR(n), VARCHAR(n), BINARY(n) and VARBINARY(n) in the columns of a sink: values are cut and
 * padded to them, or, with `violated` (which throws), refused. Undefined where no column has such a type.
 */
export function enforceLengths(
  columns: readonly { readonly name: string; readonly type: DataType }[],
  nesting: Nesting,
  violated?: LengthViolation,
): ((batch: RowBatch) => RowBatch) | undefined {
  const checks = columns.map(({ name, type }) => mapNested(type, name, nesting, (t, path) => fit(t, path, violated)));
  if (checks.every((check) => check === undefined)) return undefined;
  return (batch) => ({
    ...batch,
    columns: batch.columns.map((column, c) => {
      const check = checks[c];
      if (check === undefined) return column;
      const values: unknown[] = new Array(batch.length);
      for (let i = 0; i < batch.length; i++) {
        if (column.nulls?.[i] !== 1) values[i] = check(column.values[i] as Scalar);
      }
      return { ...column, values };
    }),
  });
}

function fit(type: DataType, path: string, violated: LengthViolation | undefined): MapValue | undefined {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
      break;
    default:
      return undefined;
  }
  const { kind, length } = type;
  if (length === MAX_LENGTH) return undefined;
  const text = kind === 'CHAR' || kind === 'VARCHAR';
  if (violated === undefined) {
    const whole = { kind: text ? 'VARCHAR' : 'VARBINARY', length: MAX_LENGTH, nullable: true } as const;
    const cast = resolveCast(whole, type, 'UTC')!;
    return (value) => (value === null ? null : cast.evaluate(value as never));
  }
  const fixed = kind === 'CHAR' || kind === 'BINARY';
  return (value) => {
    if (value === null) return null;
    const found = text ? codePointCount(value as string) : (value as Uint8Array).length;
    if (found > length || (fixed && found < length)) violated(path, type, found);
    return value;
  };
}
