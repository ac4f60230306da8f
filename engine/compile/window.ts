import { column } from '../plan/build.ts';
import type { CallExpr, ColumnExpr, Expr } from '../plan/expr.ts';
import type { Window } from '../plan/plan.ts';
import { type DataType, type Field, type } from '../types/data-type.ts';

/** The last instant of a window is a millisecond before its end. */
const MILLISECOND = 1000n;

/** The rows of a tumbling window as a projection: the input's columns and the bounds of the window of each row. */
export function windowExpressions({ input, time, window, fields }: Window): Expr[] {
  const rowtime = column(time, input.fields[time]!);
  const { size, offset } = window;
  const start = (ts: bigint) => {
    const rest = (ts - offset) % size;
    return ts - (rest < 0n ? rest + size : rest);
  };
  const bound = (index: number, of: (ts: bigint) => bigint) => boundCall(rowtime, fields[index]!, of);
  const width = input.fields.length;
  return [
    ...input.fields.map((field, i) => column(i, field)),
    bound(width, start),
    bound(width + 1, (ts) => start(ts) + size),
    bound(width + 2, (ts) => start(ts) + size - MILLISECOND),
  ];
}

function boundCall(rowtime: ColumnExpr, { name, type: result }: Field, evaluate: (ts: bigint) => bigint): CallExpr {
  const parameters: DataType[] = [type.timestamp(3, rowtime.type.nullable)];
  const call = { type: result, parameters, nulls: 'strict', evaluate } as const;
  return { kind: 'call', name, call, arguments: [rowtime], deterministic: true, type: result };
}
