/** What the server of the dashboard tells its page: plain JSON. */

/** A job as it was started; never changes while the process runs. Secrets are hidden. */
export interface JobView {
  readonly name: string;
  readonly file: string;
  readonly pipelines: readonly PipelineView[];
  readonly sql: SqlView;
  readonly settings: readonly Entry[];
  readonly tables: readonly { readonly name: string; readonly connector: string; readonly options: readonly Entry[] }[];
}

export type Entry = readonly [key: string, value: string];

/** A text and its coloured stretches: start, end, kind. */
export interface SqlView {
  readonly text: string;
  readonly spans: readonly (readonly [start: number, end: number, kind: string])[];
}

export interface PipelineView {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** As `cryptopipe explain` prints it. */
  readonly plan: string;
}

export interface GraphNode {
  /** Unique in its pipeline. */
  readonly id: string;
  readonly kind: 'source' | 'operator' | 'sink';
  readonly title: string;
  /** One line under the title, e.g. the connector. */
  readonly detail: string;
  /** What it does, for a tooltip. */
  readonly description: string;
  /** Sources and sinks: names the rows that pass there, for `/dashboard/rows?of=…`. */
  readonly tap?: string;
}

/** Rows flow from one node to another; `source` is the id of the source where it is one that gives them. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly source?: string;
  readonly sink?: true;
}

/** The state of everything, once a second. */
export interface Tick {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly memoryBytes: number;
  readonly pipelines: readonly PipelineTick[];
}

export interface PipelineTick {
  /** Indexes into the jobs and their pipelines. */
  readonly job: number;
  readonly pipeline: number;
  readonly state: string;
  readonly lastError: string | null;
  readonly restarts: number;
  /** Milliseconds since 1970. */
  readonly lastCommit: number | null;
  /** Totals, and rows a second during the last second. */
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly figures: Figures;
  readonly sources: readonly SourceTick[];
}

export interface SourceTick {
  readonly id: string;
  readonly rows: number;
  readonly rate: number;
  readonly lagRecords: number | null;
  readonly lagSeconds: number | null;
  /** Share of the time that it waited for operators and sink, 0 to 1. */
  readonly heldBack: number;
}

/** What charts show, in this order; null where it is not known. */
export const figureNames = ['in', 'out', 'p50', 'p99', 'lagRecords', 'lagSeconds', 'heldBack'] as const;

export type FigureName = (typeof figureNames)[number];

/** `in`, `out`: rows a second. `p50`, `p99`, `lagSeconds`: seconds. `heldBack`: 0 to 1. */
export type Figures = { readonly [name in FigureName]: number | null };

/** The last hour, oldest first. */
export interface HistoryView {
  readonly times: readonly number[];
  readonly pipelines: readonly {
    readonly job: number;
    readonly pipeline: number;
    /** By figure, in the order of `figureNames`. */
    readonly series: readonly (readonly (number | null)[])[];
  }[];
}

/** Warnings and errors of the log, each kind once with how often it came, newest first; and the newest dead letters. */
export interface Problems {
  readonly log: readonly LogView[];
  readonly letters: readonly LetterView[];
}

export interface LogView {
  readonly level: 'warn' | 'error';
  readonly event: string;
  readonly fields: readonly Entry[];
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

export interface LetterView {
  readonly time: number;
  readonly table: string;
  readonly reason: string;
  readonly policy: string;
  readonly message: string;
  /** e.g. 'BTC-0 at 42'; empty for rows that a sink refused. */
  readonly place: string;
  readonly key: BytesView | null;
  readonly value: BytesView | null;
}

/** The first bytes of a key or value. */
export interface BytesView {
  /** Two digits a byte. */
  readonly hex: string;
  /** Of the whole. */
  readonly size: number;
}

/** The columns of rows that are looked at; sent first. */
export interface RowsHeader {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly numeric: boolean }[];
  /** Indexes of the columns that tell rows apart, if known. */
  readonly key: readonly number[];
}

/** The newest of the rows that passed since the last message; `seen` counts all that passed. */
export interface RowsView {
  readonly time: number;
  readonly seen: number;
  readonly rows: readonly { readonly kind: string; readonly cells: readonly (string | null)[] }[];
}
