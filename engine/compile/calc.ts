import type { Expr } from '../plan/expr.ts';
import { forEachColumn } from '../plan/expr.ts';
import type { Column, ColumnValues, RowBatch } from '../types/batch.ts';
import { allocate } from '../types/batch.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { gather, gatherBytes } from '../types/gather.ts';
import { generate } from '../types/generate.ts';
import { Code } from './code.ts';
import { emit, emitCondition } from './emit.ts';

/** Filter and projection of one input, fused: rows for which `condition` is TRUE, as the values of `expressions`. */
export interface CalcProgram {
  readonly condition?: Expr;
  readonly expressions: readonly Expr[];
}

/** Told which row of the batch an error came from; throws what the user shall see. */
export type OnError = (error: unknown, batch: RowBatch, row: number) => never;

type Loop = (
  length: number,
  columns: readonly ColumnValues[],
  nulls: readonly Uint8Array[],
  outputs: readonly ColumnValues[],
  outputNulls: (Uint8Array | undefined)[],
  selected: Int32Array,
  failed: (error: unknown, row: number) => never,
) => number;

/**
 * One generated loop over the columns of a batch. Columns that only pass through are shared with the input where no
 * row is filtered out, and gathered otherwise; constants are one column for all batches.
 */
export function compileCalc(program: CalcProgram, onError: OnError): (batch: RowBatch) => RowBatch {
  const { condition, expressions } = program;
  const computed = expressions.filter((e) => e.kind !== 'column' && e.kind !== 'literal');
  const used = usedColumns(condition === undefined ? computed : [condition, ...computed]);
  const types = computed.map((e) => e.type);
  const constants = expressions.map((e) => (e.kind === 'literal' ? new ConstantColumn(e.type, e.value) : undefined));
  const loops: { plain?: Loop; nulls?: Loop } = {};
  let selected = new Int32Array(0);
  let zeros = new Uint8Array(0);

  const run = (batch: RowBatch, outputs: ColumnValues[], outputNulls: (Uint8Array | undefined)[]): number => {
    const columns: ColumnValues[] = [];
    const nulls: Uint8Array[] = [];
    const anyNulls = used.some((index) => batch.columns[index]!.nulls !== undefined);
    if (zeros.length < batch.length) zeros = new Uint8Array(batch.length);
    for (const index of used) {
      columns[index] = batch.columns[index]!.values;
      nulls[index] = batch.columns[index]!.nulls ?? zeros;
    }
    let loop = anyNulls ? loops.nulls : loops.plain;
    if (loop === undefined) {
      loop = compileLoop(condition, computed, used, anyNulls);
      loops[anyNulls ? 'nulls' : 'plain'] = loop;
    }
    const failed = (error: unknown, row: number) => onError(error, batch, row);
    return loop(batch.length, columns, nulls, outputs, outputNulls, selected, failed);
  };

  return (batch) => {
    const outputs = types.map((t) => allocate(t, batch.length));
    const outputNulls: (Uint8Array | undefined)[] = new Array(types.length);
    let length = batch.length;
    if (condition !== undefined || computed.length > 0) {
      if (selected.length < batch.length) selected = new Int32Array(batch.length);
      length = run(batch, outputs, outputNulls);
    }
    const all = length === batch.length;
    let next = 0;
    const columns = expressions.map((e, i): Column => {
      if (e.kind === 'column') {
        const input = batch.columns[e.index]!;
        return all ? input : gather(input, selected, length);
      }
      if (e.kind === 'literal') return constants[i]!.upTo(length);
      const k = next++;
      const nulls = outputNulls[k];
      return nulls === undefined ? { values: outputs[k]! } : { values: outputs[k]!, nulls };
    });
    const kinds = batch.kinds === undefined || all ? batch.kinds : gatherBytes(batch.kinds, selected, length);
    const calculated = kinds === undefined ? { length, columns } : { length, columns, kinds };
    return all && batch.splits !== undefined ? { ...calculated, splits: batch.splits } : calculated;
  };
}

/** A generated function for whoever is curious. */
export interface CalcCode {
  readonly text: string;
  /** The columns that are read, `c3` in the text, and what is computed, `o0` first. */
  readonly used: readonly number[];
  readonly computed: readonly Expr[];
  /** What other names in the text stand for. */
  readonly bindings: Readonly<Record<string, unknown>>;
}

/** The function that is generated for columns with NULLs. */
export function calcCode({ condition, expressions }: CalcProgram): CalcCode {
  const computed = expressions.filter((e) => e.kind !== 'column' && e.kind !== 'literal');
  const used = usedColumns(condition === undefined ? computed : [condition, ...computed]);
  const { text, bindings } = writeLoop(condition, computed, used, true);
  return { text, used, computed, bindings };
}

function compileLoop(
  condition: Expr | undefined,
  computed: readonly Expr[],
  used: readonly number[],
  nulls: boolean,
): Loop {
  const code = writeLoop(condition, computed, used, nulls);
  return generate<Loop>(code.bindings, code.text);
}

/** Columns are `c0`, their NULL bytes `m0`, results `o0` and `p0`; `i` is the row that is read, `j` the one written. */
function writeLoop(
  condition: Expr | undefined,
  computed: readonly Expr[],
  used: readonly number[],
  nulls: boolean,
): Code {
  const code = new Code(nulls);
  code.block('return (length, columns, nulls, outputs, outputNulls, selected, failed) =>', () => {
    for (const index of used) {
      code.line(`const c${index} = columns[${index}];`);
      if (nulls) code.line(`const m${index} = nulls[${index}];`);
    }
    computed.forEach((_, k) => {
      code.line(`const o${k} = outputs[${k}];`);
      code.line(`let p${k};`);
    });
    const mark = code.mark();
    code.line('let i = 0, j = 0;');
    code.block('try', () => {
      code.block('for (; i < length; i++)', () => {
        if (condition !== undefined) emitFilter(code, condition);
        for (const [k, expr] of computed.entries()) emitOutput(code, expr, k);
        if (condition !== undefined) code.line('selected[j] = i;');
        code.line('j++;');
      });
    });
    code.line('catch (error) { failed(error, i); }');
    for (const k of computed.keys()) code.line(`outputNulls[${k}] = p${k};`);
    code.line('return j;');
    code.insertPrelude(mark);
  });
  return code;
}

/** A row is dropped at the first part of a conjunction that is not TRUE. */
function emitFilter(code: Code, condition: Expr): void {
  for (const part of condition.kind === 'and' ? condition.operands : [condition]) {
    code.line(`if (!(${emitCondition(code, part)})) continue;`);
  }
}

function emitOutput(code: Code, expr: Expr, k: number): void {
  const value = emit(code, expr);
  const store = `o${k}[j] = ${expr.type.kind === 'BOOLEAN' ? `${value.code} ? 1 : 0` : value.code};`;
  if (value.isNull === 'false') code.line(store);
  else if (value.isNull === 'true') code.line(`(p${k} ??= new Uint8Array(length))[j] = 1;`);
  else code.line(`if (${value.isNull}) (p${k} ??= new Uint8Array(length))[j] = 1; else ${store}`);
}

function usedColumns(expressions: readonly Expr[]): number[] {
  const used = new Set<number>();
  for (const expr of expressions) forEachColumn(expr, ({ index }) => used.add(index));
  return [...used].sort((a, b) => a - b);
}

/** One value for every row, shared by all batches. */
class ConstantColumn {
  readonly #type: DataType;
  readonly #value: Scalar;
  #column: Column = { values: [] };

  constructor(t: DataType, value: Scalar) {
    this.#type = t;
    this.#value = value;
  }

  upTo(length: number): Column {
    if (this.#column.values.length >= length) return this.#column;
    const values = allocate(this.#type, Math.max(length, 1024));
    if (this.#value === null) this.#column = { values, nulls: new Uint8Array(values.length).fill(1) };
    else {
      const stored = this.#type.kind === 'BOOLEAN' ? Number(this.#value) : this.#value;
      (values as unknown[]).fill(stored);
      this.#column = { values };
    }
    return this.#column;
  }
}
