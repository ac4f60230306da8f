import type { ConnectorContext } from '../../engine/connector/context.ts';
import { type BoundFormat, type Connector, defineConnector } from '../../engine/connector/define.ts';
import { option } from '../../engine/connector/options.ts';
import {
  type Rejection,
  type RejectPolicy,
  type RejectReason,
  rejectOptions,
  rejectPolicy,
} from '../../engine/connector/rejection.ts';
import type { Checkpoint } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import { memoryLookup } from './lookup.ts';
import { MemorySink } from './sink.ts';
import { MemorySource } from './source.ts';

/** Rows that arrive together, and the messages among them that could not be read. */
export interface GivenBatch {
  readonly rows: RowBatch;
  readonly rejected: readonly Rejection[];
}

/** The rows of one commit for one table. */
export interface CommittedRows {
  readonly table: TableShape;
  /** The column by which rows of a key that are older than the last one are left out. */
  readonly newerThan?: string | undefined;
  readonly batches: readonly RowBatch[];
}

/** Where the rows of memory tables are; given by whoever runs a job on them, e.g. a test. */
export interface MemoryTables {
  /**
   * The rows of a table in the batches in which they arrive, with the columns `wanted` of the table; `formats` are those
   * that its options name, for rows that are given as messages.
   */
  read(
    table: TableShape,
    wanted: readonly number[],
    formats: ReadonlyMap<string, BoundFormat>,
    policy: (reason: RejectReason) => RejectPolicy,
  ): readonly GivenBatch[];
  /** Takes the rows of one commit of a sink together with its checkpoint; throws to let the commit fail. */
  commit(sink: string, rows: readonly CommittedRows[], checkpoint: Checkpoint): void;
  /** Committed positions of a source's splits, for one sink. */
  restore(sink: string, source: string): Positions;
  /** Called for each batch that is written; throws to let the attempt fail. */
  writing?(table: TableShape): void;
}

/** A connector over tables in memory: bounded sources, sinks that keep checkpoints with their rows. */
export function memory(tables: MemoryTables): Connector {
  return defineConnector({
    name: 'memory',
    doc: 'Tables in memory, for tests: their rows are written beside the job.',
    ours: true,
    options: {
      ...rejectOptions('malformed', 'wrong-type', 'missing-field', 'too-large'),
      'newer-than': option.string("As the option of 'jdbc'.", { ours: true, role: 'sink' }),
      format: option.format('Format of rows that are given as messages.'),
    },
    bounded: () => true,
    accepts: () => 'retract',
    keeps: () => 'positions',
    createSource: ({ table, formats, options }, wanted, { rejects }) =>
      new MemorySource(tables.read(table, wanted, formats, rejectPolicy(options)), rejects),
    createLookup: ({ table, formats, options }, keys, wanted) =>
      memoryLookup(table, keys, wanted, (columns) => tables.read(table, columns, formats, rejectPolicy(options))),
    createSink: ({ table, options }, _written, context: ConnectorContext) =>
      new MemorySink(tables, table, options['newer-than'], context.id),
  });
}
