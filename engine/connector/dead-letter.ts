import type { DataType } from '../types/data-type.ts';
import type { ConnectorContext } from './context.ts';
import type { Sink } from './sink.ts';

/** The columns that a dead-letter table may have, by name: what they hold, and the kinds of types that take it. */
export const letterColumns = {
  failed_at: { doc: 'When the job met it.', kinds: ['TIMESTAMP', 'TIMESTAMP_LTZ'] },
  job_name: { doc: "'pipeline.name'.", kinds: ['VARCHAR'] },
  table_name: { doc: 'The table that it was read from or was to be written to.', kinds: ['VARCHAR'] },
  split_name: { doc: "The topic-partition or file, 'BTC-0'; NULL for rows that a sink refused.", kinds: ['VARCHAR'] },
  split_position: { doc: 'Where in the split: the offset; NULL for rows that a sink refused.', kinds: ['VARCHAR'] },
  error_code: { doc: "The reason, as in 'on-error.REASON'.", kinds: ['VARCHAR'] },
  error_message: { doc: 'What was found and what was expected.', kinds: ['VARCHAR'] },
  record_key: {
    doc: "The key's bytes, or as STRING their text; the key columns as JSON for rows that a sink refused.",
    kinds: ['VARBINARY', 'VARCHAR'],
  },
  record_value: {
    doc: "The value's bytes, or as STRING their text; the row as JSON for rows that a sink refused.",
    kinds: ['VARBINARY', 'VARCHAR'],
  },
  record_headers: {
    doc: 'The headers as a JSON array of [name, text] or, where a value is no text, [name, {"base64": …}].',
    kinds: ['VARCHAR'],
  },
} as const satisfies Record<string, { doc: string; kinds: readonly DataType['kind'][] }>;

export type LetterColumn = keyof typeof letterColumns;

/** A declared table that takes dead letters. */
export interface DeadLetterTable {
  readonly name: string;
  /** The columns that its sink is given. */
  readonly columns: readonly { readonly name: LetterColumn; readonly type: DataType }[];
  createSink(context: ConnectorContext): Sink;
}
