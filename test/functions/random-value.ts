import fc from 'fast-check';
import type { DataType, Scalar } from '../../engine/types/data-type.ts';
import { type } from '../../engine/types/data-type.ts';

/** One type of each kind that generated code handles. */
export const scalarTypes: readonly DataType[] = [
  type.boolean(),
  type.tinyint(),
  type.smallint(),
  type.int(),
  type.bigint(),
  type.float(),
  type.double(),
  type.decimal(10, 2),
  type.decimal(5, 0),
  type.decimal(38, 18),
  type.char(3),
  type.varchar(5),
  type.string(),
  type.bytes(),
  type.date(),
  type.time(),
  type.timestamp(0),
  type.timestamp(3),
  type.timestamp(9),
  type.timestampLtz(3),
  type.intervalMonths(),
  type.intervalMillis(),
];

const edges = (bits: number) => [0n, 1n, -1n, (1n << BigInt(bits - 1)) - 1n, -(1n << BigInt(bits - 1))];

function integers(bits: number): fc.Arbitrary<bigint> {
  const limit = 1n << BigInt(bits - 1);
  return fc.oneof(fc.constantFrom(...edges(bits)), fc.bigInt({ min: -limit, max: limit - 1n }));
}

const days = fc.integer({ min: -719162, max: 2932896 });

/** Non-null values of a type in its run-time representation. */
export function arbitraryOf(t: DataType): fc.Arbitrary<Scalar> {
  switch (t.kind) {
    case 'BOOLEAN':
      return fc.boolean();
    case 'TINYINT':
      return integers(8).map(Number);
    case 'SMALLINT':
      return integers(16).map(Number);
    case 'INT':
      return integers(32).map(Number);
    case 'INTERVAL_YEAR_MONTH':
      return fc.integer({ min: -12000, max: 12000 });
    case 'BIGINT':
      return integers(64);
    case 'INTERVAL_DAY_TIME':
      return integers(50);
    case 'FLOAT':
      return fc.float();
    case 'DOUBLE':
      return fc.double();
    case 'DECIMAL': {
      const limit = 10n ** BigInt(t.precision) - 1n;
      return fc.oneof(fc.constantFrom(0n, limit, -limit), fc.bigInt({ min: -limit, max: limit }));
    }
    case 'CHAR':
      return fc.string({ minLength: t.length, maxLength: t.length, unit: 'grapheme-ascii' });
    case 'VARCHAR':
      return fc.string({ maxLength: Math.min(t.length, 8), unit: 'binary' });
    case 'BINARY':
    case 'VARBINARY':
      return fc.uint8Array({ maxLength: 6 });
    case 'DATE':
      return days;
    case 'TIME':
      return fc.integer({ min: 0, max: 86_399_999 });
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const unit = t.precision > 6 ? 1_000_000_000n : 1_000_000n;
      const step = unit / 10n ** BigInt(t.precision);
      return fc
        .tuple(days, fc.bigInt({ min: 0n, max: 86_400n * 10n ** BigInt(t.precision) - 1n }))
        .map(([day, rest]) => BigInt(day) * 86_400n * unit + rest * step);
    }
    default:
      return fc.constant(null);
  }
}
