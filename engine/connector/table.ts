import type { DataType } from '../types/data-type.ts';

/** A column as a connector sees it; computed columns and watermarks never reach it. */
export type TableColumn =
  | { readonly kind: 'physical'; readonly name: string; readonly type: DataType }
  /** `type` is the type that the connector declares for `key`; casts to the column's own type happen outside. */
  | {
      readonly kind: 'metadata';
      readonly name: string;
      readonly key: string;
      readonly virtual: boolean;
      readonly type: DataType;
    };

/** A declared table as plain data. `primaryKey` holds indexes into `columns`. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly primaryKey?: readonly number[];
  readonly partitionedBy: readonly string[];
}
