/** A value that cannot be written: `row` and `column` as the encoder numbers them; the sink makes a `RunError` of it. */
export class RowFault extends Error {
  readonly row: number;
  readonly column: number;

  constructor(row: number, column: number, message: string) {
    super(message);
    this.name = 'RowFault';
    this.row = row;
    this.column = column;
  }
}
