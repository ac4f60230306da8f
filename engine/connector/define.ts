import type { DataType, Field } from '../types/data-type.ts';
import type { ConnectorContext } from './context.ts';
import type { Decoder, Encoder, FormatContext } from './format.ts';
import type { Lookup } from './lookup.ts';
import type { OptionDeclarations, OptionValues, Role } from './options.ts';
import type { ScanFilter } from './scan-filter.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import type { TableShape } from './table.ts';

/** A column that the connector itself knows, reached by `METADATA FROM 'key'`. */
export interface MetadataColumn {
  readonly doc: string;
  readonly type: DataType;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** A format chosen by an option, with its options parsed and its type parameters gone. */
export interface BoundFormat {
  readonly name: string;
  check(fields: readonly Field[], role: Role): string | undefined;
  createDecoder(fields: readonly Field[], wanted: readonly number[], context: FormatContext): Decoder;
  createEncoder(fields: readonly Field[], context: FormatContext): Encoder;
}

/** See `Connector.keeps`. */
export type Kept = 'positions' | 'rows' | 'nothing';

/** What a connector is given about one use of a table. */
export interface TableUse<D extends OptionDeclarations> {
  readonly table: TableShape;
  readonly options: OptionValues<D>;
  /** By option key ('format', 'key.format', 'value.format'), where given. */
  readonly formats: ReadonlyMap<string, BoundFormat>;
}

/** Says that something is wrong with the options; `key` is the option at fault, undefined for the table as a whole. */
export type ReportOption = (problem: {
  readonly key?: string;
  /** A code of diagnostics/codes.ts; 'bad-option' where absent. */
  readonly code?:
    | 'bad-option'
    | 'missing-option'
    | 'conflicting-options'
    | 'wrong-role'
    | 'invalid-key'
    | 'unreachable'
    | 'missing-target'
    | 'unfit-target';
  readonly severity?: 'error' | 'warning';
  readonly message: string;
  readonly help?: string;
}) => void;

/**
 * A connector as a declared value in the explicit list of `connectors/index.ts`. From it come the checks of WITH
 * clauses, the reference and completion. No I/O before `open` of what it creates.
 */
export interface Connector<D extends OptionDeclarations = OptionDeclarations> {
  readonly name: string;
  readonly doc: string;
  /** Flink has no such connector. */
  readonly ours?: boolean;
  readonly options: D;
  readonly metadata?: Readonly<Record<string, MetadataColumn>>;
  /** Conditions between options and columns. Not called where a required option is missing or a value is bad. */
  check?(use: TableUse<D>, role: Role, report: ReportOption): void;
  /**
   * `wanted`: indexes into `table.columns` of the columns to produce, in order.
   * Whether the source ends by itself: `bounded`.
   */
  createSource?(
    use: TableUse<D>,
    wanted: readonly number[],
    context: ConnectorContext,
    filters: readonly ScanFilter[],
  ): Source;
  /** Whether `createSource` makes use of a filter; none are given to it where absent. */
  takesFilter?(use: TableUse<D>, filter: ScanFilter): boolean;
  /** What a lookup join asks: by the columns `keys`, for the columns `wanted` of the table. */
  createLookup?(
    use: TableUse<D>,
    keys: readonly number[],
    wanted: readonly number[],
    context: ConnectorContext,
  ): Lookup;
  bounded?(options: OptionValues<D>): boolean;
  /** false: what was not read in time cannot be read again, so no sink can be exactly once; true where absent. */
  readonly replayable?: boolean;
  /** Whether the options ask a sink to write each row once, over restarts too. */
  exactlyOnce?(options: OptionValues<D>): boolean;
  /**
   * What outlives the process when a sink has committed: the rows and, in the same transaction, the positions of the
   * sources ('positions', its `restore`), the rows alone ('rows', where absent), or 'nothing'.
   */
  keeps?(options: OptionValues<D>): Kept;
  /**
   * The batches to write hold the columns `written`: indexes into `table.columns` of the physical and the
   * not virtual metadata columns, in the order of the table.
   */
  createSink?(use: TableUse<D>, written: readonly number[], context: ConnectorContext): Sink;
  /**
   * Asks the servers that the options name whether the table can be used in a role, and reports all that is in the way;
   * changes nothing there and never rejects because of them. `columns`: what `createSource` or `createSink` is given.
   */
  inspect?(
    use: TableUse<D>,
    role: Role,
    columns: readonly number[],
    context: ConnectorContext,
    report: ReportOption,
  ): Promise<void>;
  /** The statements that create what a sink with these columns writes to. */
  ddl?(use: TableUse<D>, written: readonly number[]): string;
  /**
   * What the rows of the source are: 'append' only inserts (where absent); 'upsert' rows of a table with a PRIMARY KEY,
   * where a row replaces the one of its key, whatever its kind, and -D takes it away: all columns but the key are NULL.
   */
  gives?(options: OptionValues<D>): 'append' | 'upsert';
  /** Changelogs that the sink takes: 'append' only inserts, 'upsert' also +U and -D by key, 'retract' everything. */
  accepts?(table: TableShape): 'append' | 'upsert' | 'retract';
}

export function defineConnector<const D extends OptionDeclarations>(connector: Connector<D>): Connector<D> {
  return connector;
}
