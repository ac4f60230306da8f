import type { DecimalType } from '../types/coerce.ts';

/** Flink's result types of decimal arithmetic; beyond 38 digits the scale gives way, down to 6. */

export function sumType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return bounded(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale);
}

export function productType(a: DecimalType, b: DecimalType): DecimalType {
  return bounded(a.precision + b.precision + 1, a.scale + b.scale);
}

export function quotientType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(6, a.scale + b.precision + 1);
  return bounded(a.precision - a.scale + b.scale + scale, scale);
}

export function remainderType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return bounded(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale);
}

/** ROUND to `digits` decimals. */
export function roundedType(a: DecimalType, digits: number): DecimalType {
  if (digits >= a.scale) return a;
  if (digits < 0) return { ...a, precision: Math.min(38, 1 + a.precision - a.scale), scale: 0 };
  return { ...a, precision: 1 + a.precision - a.scale + digits, scale: digits };
}

function bounded(precision: number, scale: number): DecimalType {
  if (precision <= 38) return { kind: 'DECIMAL', precision, scale, nullable: false };
  const kept = Math.max(38 - (precision - scale), Math.min(scale, 6));
  return { kind: 'DECIMAL', precision: 38, scale: kept, nullable: false };
}
