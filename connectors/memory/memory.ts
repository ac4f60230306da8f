import type { ConnectorContext } from '../../engine/connector/context.ts';
import { type BoundFormat, type Connector, defineConnector } from '../../engine/connector/define.ts';
import type { Checkpoint } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import { MemorySink } from './sink.ts';
import { MemorySource } from './source.ts';

/** Where the rows of memory tables are; given by whoever runs a job on them, e.g. a test. */
export interface MemoryTables {
  /**
   * The rows of a table in the batches in which they arrive, with the columns `wanted` of the table; `formats` are those
   * that its options name, for rows that are given as messages.
   */
  read(table: TableShape, wanted: readonly number[], formats: ReadonlyMap<string, BoundFormat>): readonly RowBatch[];
  /** Takes the rows of one commit together with its checkpoint; throws to let the commit fail. */
  commit(table: TableShape, sink: string, batches: readonly RowBatch[], checkpoint: Checkpoint): void;
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
    options: {},
    bounded: () => true,
    accepts: (table) => (table.primaryKey === undefined ? 'append' : 'upsert'),
    createSource: ({ table, formats }, wanted) => new MemorySource(tables.read(table, wanted, formats)),
    createSink: ({ table }, _written, context: ConnectorContext) => new MemorySink(tables, table, context.id),
  });
}
