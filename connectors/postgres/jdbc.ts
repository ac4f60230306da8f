import { defineConnector, type ReportOption, type TableUse } from '../../engine/connector/define.ts';
import { option } from '../../engine/connector/options.ts';
import { rejectOptions, rejectPolicy } from '../../engine/connector/rejection.ts';
import type { ScanFilter } from '../../engine/connector/scan-filter.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import { typeText } from '../../engine/types/data-type.ts';
import { checkLookup } from './check-lookup.ts';
import { checkScan } from './check-scan.ts';
import type { TableColumns } from './ddl.ts';
import { tableScript } from './ddl.ts';
import { inspectScan } from './inspect-scan.ts';
import { inspectTarget } from './inspect-target.ts';
import { tellsAge } from './is-older.ts';
import { type ConnectSettings, parseJdbcUrl } from './jdbc-url.ts';
import { type LookupSettings, PostgresLookup } from './lookup.ts';
import { PostgresScan, partitionsOf, type ScanSettings } from './scan.ts';
import { comparedColumns, filterText, takesFilter } from './scan-filter.ts';
import { PostgresSink, type SinkSettings } from './sink.ts';
import { parseTableName, type TableName } from './table-name.ts';

const scan = { role: 'source' } as const;
const sink = { role: 'sink' } as const;

const options = {
  ...rejectOptions('constraint', 'out-of-range', 'encoding'),
  url: option.string(
    "Where the database is: 'jdbc:postgresql://host:port/database?parameter=value', several hosts separated by ','.",
    { required: true, redact: (url) => url.replace(/((?:password|sslpassword)=)[^&]*/gi, '$1***') },
  ),
  'table-name': option.string("The table, with its schema where it is not on the search path: 'machine.prices'.", {
    required: true,
  }),
  username: option.string('The user; else the one of the url, PGUSER or the one of the system.'),
  password: option.string('The password; else the one of the url, PGPASSWORD or the one in ~/.pgpass.', {
    secret: true,
  }),
  driver: option.string('Class of the Java driver: needless here.'),
  'compatible-mode': option.string('Compatibility mode of the Java dialect: needless here.'),
  'connection.max-retry-timeout': option.duration('How long a new connection may take.', { default: '60 s' }),
  'sink.buffer-flush.max-rows': option.int(
    'Rows (keys, where there is a PRIMARY KEY) that make a commit start at once; 0: none do. Fewer are committed as soon as the source is idle.',
    { default: '10000', min: 0, ...sink },
  ),
  'sink.buffer-flush.interval': option.duration(
    'After so long rows are committed even while more are arriving; 0: as soon as possible.',
    { default: '1 s', ...sink },
  ),
  'sink.max-retries': option.int('How often rows that lost against other transactions are written again at once.', {
    default: '3',
    min: 0,
    ...sink,
  }),
  'newer-than': option.string(
    'A column such as event_time: a row never replaces one that has a later value there; equal values replace, NULL is older than all.',
    { ours: true, ...sink },
  ),
  'sink.parallelism': option.int('Parallelism of the sink in a Flink cluster: needless here.', { min: 1, ...sink }),
  'checkpoint-table': option.string(
    "The table of the job's positions; by default 'cryptopipe_checkpoint' in the schema of 'table-name'.",
    { ours: true, ...sink },
  ),
  'scan.partition.column': option.string('Column of whole numbers whose ranges are read one after the other.', scan),
  'scan.partition.num': option.int('How many ranges.', scan),
  'scan.partition.lower-bound': option.long('Lowest value that is read.', scan),
  'scan.partition.upper-bound': option.long('Highest value that is read.', scan),
  'scan.fetch-size': option.int('Rows per round trip; 0: as many as fit well.', { default: '0', min: 0, ...scan }),
  'scan.auto-commit': option.boolean('Accepted as in Flink: a scan is one transaction that only reads.', {
    default: 'true',
    ...scan,
  }),
  'lookup.cache': option.oneOf(['NONE', 'PARTIAL'], 'Cache of lookup joins.', { default: 'NONE', ...scan }),
  'lookup.partial-cache.max-rows': option.long('Rows in the cache.', scan),
  'lookup.partial-cache.expire-after-write': option.duration('Age of cached rows.', scan),
  'lookup.partial-cache.expire-after-access': option.duration('Time without use of cached rows.', scan),
  'lookup.partial-cache.cache-missing-key': option.boolean('Whether misses are cached too.', {
    default: 'true',
    ...scan,
  }),
  'lookup.max-retries': option.int('Repetitions of a failed lookup.', { default: '3', min: 0, ...scan }),
  'filter.handling.policy': option.oneOf(
    ['always', 'never'],
    "'always': conditions of WHERE that PostgreSQL understands as Flink does are part of its query; 'never': the job alone applies them.",
    {
      default: 'always',
      ...scan,
    },
  ),
  'lookup.cache.max-rows': option.long("Old name of 'lookup.partial-cache.max-rows'.", scan),
  'lookup.cache.ttl': option.duration("Old name of 'lookup.partial-cache.expire-after-write'.", scan),
  'lookup.cache.caching-missing-key': option.boolean("Old name of 'lookup.partial-cache.cache-missing-key'.", scan),
} as const;

/** Rows of a round trip where the job names no number. */
const DEFAULT_FETCH = 4096;

type Use = TableUse<typeof options>;

/** Writes to PostgreSQL: by key where the table has a PRIMARY KEY, each row exactly once. */
export const jdbc = defineConnector({
  name: 'jdbc',
  doc: 'Writes rows to a PostgreSQL table, by key where there is a PRIMARY KEY, and the positions of the job with them. Read, a table is a bounded source: the rows it has at the start, of the columns that the query uses.',
  options,
  accepts: (table) => (table.primaryKey === undefined ? 'append' : 'upsert'),
  keeps: () => 'positions',
  check({ options: given, table }, role, report) {
    const { problems, settings } = parseJdbcUrl(given.url);
    for (const problem of problems) report({ key: 'url', ...problem });
    if (given.username === undefined && given.password !== undefined && settings?.user === undefined) {
      report({
        key: 'password',
        code: 'missing-option',
        message: "option 'password' is given, but no 'username'",
        help: "add 'username' = '…'",
      });
    }
    for (const key of ['table-name', 'checkpoint-table'] as const) {
      const name = given[key];
      if (name === undefined || (name.trim() !== '' && parseTableName(name) !== undefined)) continue;
      report({
        key,
        message: `'${name}' is no name of a table: expected 'table' or 'schema.table'`,
        help: 'the database belongs into the url; a name with dots is written in double quotes',
      });
    }
    const age = given['newer-than'];
    if (role === 'sink' && age !== undefined) checkAge(table, age, report);
    if (role === 'source') checkScan(table, given, report);
    if (role === 'source') checkLookup(given, report);
    if (role === 'sink' && table.columns.every((c) => c.kind !== 'physical')) {
      report({ message: `table '${table.name}' has no column to write` });
    }
  },
  bounded: () => true,
  takesFilter: ({ table, options: given }, filter) =>
    given['filter.handling.policy'] === 'always' && takesFilter(filter, table.columns),
  createSource: (use, wanted, _context, filters) => new PostgresScan(scanSettings(use, wanted, filters)),
  createSink: (use, written, context) => new PostgresSink(sinkSettings(use, written), context),
  createLookup: (use, keys, wanted, context) => new PostgresLookup(lookupSettings(use, keys, wanted), context),
  inspect: async (use, role, columns, context, report) => {
    if (role === 'sink') await inspectTarget(sinkSettings(use, columns), context, report);
    else await inspectScan(scanSettings(use, columns, []), report);
  },
  ddl: (use, written) => tableScript(tableNameOf(use.options['table-name']), columnsOf(use, written)),
});

/** Reports what keeps a column from telling newer rows from older ones. */
function checkAge(table: TableShape, name: string, report: ReportOption): void {
  const key = 'newer-than';
  const physical = table.columns.filter((c) => c.kind === 'physical');
  const column = physical.find((c) => c.name === name);
  if (table.primaryKey === undefined) {
    report({
      key,
      code: 'conflicting-options',
      message: `option 'newer-than' compares rows of one key, but table '${table.name}' has no PRIMARY KEY`,
      help: 'declare PRIMARY KEY (…) NOT ENFORCED, or remove the option',
    });
  } else if (column === undefined) {
    const able = physical.filter((c) => tellsAge(c.type)).map((c) => c.name);
    const near = suggest(name, able);
    report({
      key,
      message: `table '${table.name}' has no column '${name}' to tell newer rows by`,
      help: near !== undefined ? `did you mean '${near}'?` : `columns that can: ${able.join(', ') || 'none'}`,
    });
  } else if (!tellsAge(column.type)) {
    report({
      key,
      message: `column '${name}' is ${typeText(column.type, false)}, which does not tell newer rows from older ones`,
      help: 'expected a column with a time or a number',
    });
  } else if (table.primaryKey.some((i) => table.columns[i] === column)) {
    report({
      key,
      message: `column '${name}' belongs to the PRIMARY KEY: rows that differ in it never replace each other`,
      help: 'name a column outside of the key, or take it out of the key',
    });
  }
}

function sinkSettings(use: Use, written: readonly number[]): SinkSettings {
  const { options: given } = use;
  const { fields, primaryKey } = columnsOf(use, written);
  const checkpointTable = given['checkpoint-table'];
  const maxRows = given['sink.buffer-flush.max-rows'];
  return {
    connect: connectSettings(given),
    table: tableNameOf(given['table-name']),
    ...(checkpointTable === undefined ? {} : { checkpointTable: tableNameOf(checkpointTable) }),
    fields,
    key: primaryKey.map((name) => fields.findIndex((f) => f.name === name)),
    newest: given['newer-than'] === undefined ? undefined : fields.findIndex((f) => f.name === given['newer-than']),
    maxRows: maxRows === 0 ? Number.POSITIVE_INFINITY : maxRows,
    interval: given['sink.buffer-flush.interval'],
    maxRetries: given['sink.max-retries'],
    policy: rejectPolicy(given),
  };
}

function lookupSettings(use: Use, keys: readonly number[], wanted: readonly number[]): LookupSettings {
  const { options: given, table } = use;
  const maxRows = given['lookup.partial-cache.max-rows'] ?? given['lookup.cache.max-rows'];
  const ttl = given['lookup.cache.ttl'];
  const missing =
    given['lookup.partial-cache.cache-missing-key'] && given['lookup.cache.caching-missing-key'] !== false;
  const cached = given['lookup.cache'] === 'PARTIAL' || (maxRows !== undefined && ttl !== undefined);
  return {
    connect: connectSettings(given),
    table: tableNameOf(given['table-name']),
    keys: keys.map((i) => table.columns[i]!),
    wanted: wanted.map((i) => table.columns[i]!),
    maxRetries: given['lookup.max-retries'],
    cache: cached
      ? {
          maxRows: Number(maxRows ?? Number.POSITIVE_INFINITY),
          expireAfterWrite: given['lookup.partial-cache.expire-after-write'] ?? ttl ?? Number.POSITIVE_INFINITY,
          expireAfterAccess: given['lookup.partial-cache.expire-after-access'] ?? Number.POSITIVE_INFINITY,
          missing,
        }
      : undefined,
  };
}

function scanSettings(use: Use, wanted: readonly number[], filters: readonly ScanFilter[]): ScanSettings {
  const { options: given, table } = use;
  const column = given['scan.partition.column'];
  const count = given['scan.partition.num'];
  const lower = given['scan.partition.lower-bound'];
  const upper = given['scan.partition.upper-bound'];
  const divided = column !== undefined && count !== undefined && lower !== undefined && upper !== undefined;
  return {
    connect: connectSettings(given),
    table: tableNameOf(given['table-name']),
    wanted: columnsOf(use, wanted).fields,
    fetchSize: given['scan.fetch-size'] > 0 ? given['scan.fetch-size'] : DEFAULT_FETCH,
    partitions: divided ? partitionsOf(column, count, lower, upper) : [{ split: 'rows' }],
    filters: filters.map((filter) => ({
      text: filterText(filter, table.columns),
      columns: comparedColumns(filter).map((i) => table.columns[i]!),
    })),
  };
}

function connectSettings(given: Use['options']): ConnectSettings {
  const { settings, problems } = parseJdbcUrl(given.url);
  if (settings === undefined) throw new Error(problems.map((p) => p.message).join('; '));
  const limit = given['connection.max-retry-timeout'];
  return {
    ...settings,
    ...(given.username === undefined ? {} : { user: given.username }),
    ...(given.password === undefined ? {} : { password: given.password }),
    connectTimeout: settings.connectTimeout === 0 ? limit : Math.min(settings.connectTimeout, limit),
  };
}

function tableNameOf(text: string): TableName {
  const name = parseTableName(text);
  if (name === undefined) throw new Error(`'${text}' is no name of a table`);
  return name;
}

function columnsOf({ table }: Use, written: readonly number[]): TableColumns {
  const fields = written.map((i) => table.columns[i]!);
  return { fields, primaryKey: (table.primaryKey ?? []).map((i) => table.columns[i]!.name) };
}
