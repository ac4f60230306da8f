import type { Scalar } from './data-type.ts';

/** How non-null values of one type become values of another. */
export interface Cast {
  /** Throws `EvaluationError` where `fallible`; answers null where `mayBeNull`. */
  evaluate(value: never): Scalar;
  /**
   * The same as a JavaScript expression over a value's text, which may occur in it more than once; present only where
   * the cast neither fails nor gives NULL. `bind` hands a constant in and gives its name.
   */
  code?(value: string, bind: (value: unknown) => string): string;
  /** A value may become NULL (a DECIMAL that does not fit). */
  readonly mayBeNull: boolean;
  readonly fallible: boolean;
}

export const identity: Cast = {
  evaluate: (value: Scalar) => value,
  code: (value) => value,
  mayBeNull: false,
  fallible: false,
};

/** A cast that always succeeds. */
export function total<T>(evaluate: (value: T) => Scalar, code?: Cast['code']): Cast {
  const cast = { evaluate: evaluate as Cast['evaluate'], mayBeNull: false, fallible: false };
  return code === undefined ? cast : { ...cast, code };
}

/** A cast that may throw `EvaluationError`, and with `mayBeNull` also answer null. */
export function fallible<T>(evaluate: (value: T) => Scalar, mayBeNull = false): Cast {
  return { evaluate: evaluate as Cast['evaluate'], mayBeNull, fallible: true };
}
