import { RunError } from '../connector/errors.ts';
import type { Nesting } from '../operators/nesting.ts';
import { enforceNotNull } from '../operators/not-null.ts';
import { enforceLengths } from '../operators/type-length.ts';
import type { SinkPlan } from '../plan/plan.ts';
import type { RowBatch } from '../types/batch.ts';
import { typeText } from '../types/data-type.ts';

/** How the constraints of a sink's types are held: the settings `table.exec.sink.…-enforcer`. */
export interface SinkConstraints {
  /** `table.exec.sink.not-null-enforcer`. */
  readonly notNull: 'ERROR' | 'DROP';
  /** `table.exec.sink.type-length-enforcer`; 'IGNORE' where absent. */
  readonly typeLength?: 'IGNORE' | 'TRIM_PAD' | 'ERROR';
  /** `table.exec.sink.nested-constraint-enforcer`; 'IGNORE' where absent. */
  readonly nesting?: Nesting;
}

type Step = (batch: RowBatch) => RowBatch;

/** What holds the constraints of a sink's columns: rows are dropped, values cut or padded, or a `RunError` is thrown. */
export function constraintStep(plan: SinkPlan, constraints: SinkConstraints): Step | undefined {
  const { notNull, typeLength = 'IGNORE', nesting = 'IGNORE' } = constraints;
  const columns = plan.written.map((index) => plan.table.columns[index]!);
  const table = plan.table.name;
  // A sink that rejects such rows by its own policy must be given them.
  const enforced = plan.connector.rejectsNulls === true ? [] : columns;
  const nulls = enforceNotNull(enforced, nesting, notNull === 'DROP', (path) => {
    throw new RunError('null-in-not-null', `column '${path}' of '${table}' is NOT NULL, but a row has NULL there`, {
      help: "SET 'table.exec.sink.not-null-enforcer' = 'DROP' drops such rows",
    });
  });
  if (typeLength === 'IGNORE') return nulls;
  const refuse =
    typeLength === 'TRIM_PAD'
      ? undefined
      : (path: string, type: Parameters<typeof typeText>[0], length: number): never => {
          const message = `column '${path}' of '${table}' is ${typeText(type, false)}, but a row has a value of length ${length} there`;
          throw new RunError('wrong-length', message, {
            help: "SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD' cuts and pads such values",
          });
        };
  const lengths = enforceLengths(columns, nesting, refuse);
  return nulls && lengths ? (batch) => lengths(nulls(batch)) : (nulls ?? lengths);
}
