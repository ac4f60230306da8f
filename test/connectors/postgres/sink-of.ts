import { jdbc } from '../../../connectors/postgres/jdbc.ts';
import { bindTable } from '../../../engine/connector/bind.ts';
import type { ConnectorContext, Log } from '../../../engine/connector/context.ts';
import type { Connector } from '../../../engine/connector/define.ts';
import { RunError } from '../../../engine/connector/errors.ts';
import type { OptionText } from '../../../engine/connector/read-option.ts';
import type { Sink } from '../../../engine/connector/sink.ts';
import type { Diagnostic } from '../../../engine/diagnostics/diagnostic.ts';
import type { DataType } from '../../../engine/types/data-type.ts';
import { rejectsNothing } from '../rejects-nothing.ts';

export interface SinkOf {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly table: string;
  readonly columns: Readonly<Record<string, DataType>>;
  readonly primaryKey?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
  readonly createTables?: boolean;
  readonly notNull?: 'ERROR' | 'DROP';
  readonly timeZone?: string;
  readonly job?: string;
  /** Name and timeout of one of several workers. */
  readonly worker?: { readonly id: string; readonly timeout: number };
  /** Takes what the sink logs, as 'event field=value'. */
  readonly logged?: string[];
}

/** A jdbc sink bound as from a job file, not open yet. Throws where the options are refused. */
export function sinkOf(of: SinkOf): Sink {
  const { diagnostics, create } = bindJdbc(of);
  const error = diagnostics.find((d) => d.severity === 'error');
  if (create === undefined) throw new Error(error?.message ?? 'the table is not bound');
  return create();
}

/** Binds a jdbc table as a sink and hands out what was reported. */
export function bindJdbc(of: SinkOf) {
  const at = { start: 0, end: 0 };
  const address = new URL(of.url);
  const given = {
    connector: 'jdbc',
    url: `jdbc:postgresql://${address.host}${address.pathname}`,
    'table-name': of.table,
    username: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    ...of.options,
  };
  const texts: OptionText[] = Object.entries(given).map(([key, value]) => ({ key, value, keySpan: at, valueSpan: at }));
  const names = Object.keys(of.columns);
  const diagnostics: Diagnostic[] = [];
  const report = { report: (d: Diagnostic) => void diagnostics.push(d) };
  const bound = bindTable(
    { connectors: [jdbc as unknown as Connector], formats: [] },
    {
      name: 'target',
      columns: names.map((name) => ({ kind: 'physical', name, type: of.columns[name]! })),
      ...(of.primaryKey === undefined ? {} : { primaryKey: of.primaryKey.map((name) => names.indexOf(name)) }),
      partitionedBy: [],
    },
    texts,
    at,
    report,
  );
  const use = bound?.use('sink', at, report);
  const create =
    use === undefined
      ? undefined
      : () =>
          use.createSink(
            names.map((_, i) => i),
            contextOf(of),
          );
  const written = names.map((_, i) => i);
  return { diagnostics, create, options: bound?.options, ddl: use?.ddl(written) };
}

function contextOf({
  createTables = false,
  notNull = 'ERROR',
  timeZone = 'UTC',
  job = 'job',
  worker,
  logged = [],
}: SinkOf) {
  const write = (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
    logged.push([event, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(' '));
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const context: ConnectorContext = {
    job,
    ...(worker === undefined ? {} : { worker: { ...worker, index: 0, count: 1 } }),
    id: 'target',
    log,
    counters: { add: (name, amount) => write(name, { amount }) },
    createTables,
    timeZone,
    rejects: rejectsNothing,
    notNull,
  };
  return context;
}

/** What a user is told when `promise` fails, as plain data. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; help: string | undefined; passing: boolean }> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const { code, message, help, passing } = error;
    return { code, message, help, passing };
  }
  throw new Error('it did not fail');
}
