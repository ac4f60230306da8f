import type { Scalar } from '../types/data-type.ts';

/**
 * Asks a table for the rows of given keys as it is now: the right side of a lookup join. Lives from its first `find` to
 * `close`; after an error it is closed and a new one is created. Errors are `RunError`s where a user can do something.
 */
export interface Lookup {
  /**
   * For each key (the values of the key columns, never NULL, each key once) the table's rows with it, as values of the
   * wanted columns. Never called again before its promise settled.
   */
  find(keys: readonly (readonly Scalar[])[]): Promise<readonly (readonly (readonly Scalar[])[])[]>;
  close(): Promise<void>;
}
