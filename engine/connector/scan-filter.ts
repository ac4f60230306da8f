import type { DataType, Scalar } from '../types/data-type.ts';

/**
 * A condition that rows of a source must meet, over columns of the table (indexes into `table.columns`); NULL compares as
 * in SQL. The job tests it too: a source may leave rows out for which it is not TRUE, and need not.
 */
export type ScanFilter =
  | {
      readonly kind: 'compare';
      readonly column: number;
      readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>=';
      /** Not NULL. */
      readonly value: Scalar;
      readonly type: DataType;
    }
  | { readonly kind: 'is-null'; readonly column: number; readonly negated: boolean }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly ScanFilter[] };
