import { allocate, type Column, type ColumnValues } from '../../engine/types/batch.ts';
import type { DataType, Scalar } from '../../engine/types/data-type.ts';

/** One column under construction. `values` and `nulls` change with `grow` and `take`. */
export class ColumnBuilder {
  readonly type: DataType;
  capacity = 0;
  values: ColumnValues;
  /** Present as soon as a row was NULL. */
  nulls: Uint8Array | undefined;

  constructor(type: DataType) {
    this.type = type;
    this.values = allocate(type, 0);
  }

  /** Makes room for `capacity` rows in all, keeping the first `length`. */
  grow(capacity: number, length: number): void {
    const old = this.values;
    const values = allocate(this.type, capacity);
    if (Array.isArray(values)) {
      // Storing a string first settles the array's kind, so that the stores of the hot loop see only one.
      values[0] = '';
      for (let i = 0; i < length; i++) values[i] = old[i];
    } else if (length > 0) {
      (values as Float64Array).set((old as Float64Array).subarray(0, length));
    }
    this.values = values;
    this.capacity = capacity;
    if (this.nulls !== undefined) {
      const nulls = new Uint8Array(capacity);
      nulls.set(this.nulls.subarray(0, length));
      this.nulls = nulls;
    }
  }

  setNull(i: number): void {
    this.nulls ??= new Uint8Array(this.capacity);
    this.nulls[i] = 1;
    if (Array.isArray(this.values)) this.values[i] = null;
  }

  set(i: number, value: Scalar): void {
    if (value === null) {
      this.setNull(i);
      return;
    }
    if (this.nulls !== undefined) this.nulls[i] = 0;
    (this.values as unknown[])[i] = this.type.kind === 'BOOLEAN' ? (value ? 1 : 0) : value;
  }

  /** The column so far; the builder is empty and without room afterwards. */
  take(): Column {
    const { values, nulls } = this;
    this.values = allocate(this.type, 0);
    this.nulls = undefined;
    this.capacity = 0;
    return nulls === undefined ? { values } : { values, nulls };
  }
}
