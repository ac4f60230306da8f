import type { ConnectorContext } from '../../engine/connector/context.ts';
import type { BoundFormat, ReportOption, TableUse } from '../../engine/connector/define.ts';
import type { Role } from '../../engine/connector/options.ts';
import { rejectPolicy } from '../../engine/connector/rejection.ts';
import type { Sink } from '../../engine/connector/sink.ts';
import type { Source } from '../../engine/connector/source.ts';
import { unknownProperties } from './client-properties.ts';
import { DeferredSink } from './deferred-sink.ts';
import { DeferredSource } from './deferred-source.ts';
import { javaRegex } from './java-regex.ts';
import type { commonOptions } from './kafka-options.ts';
import type { KeyValueFields } from './key-value-fields.ts';
import type { ScanMode } from './scan-options.ts';
import { type ReportProperty, readSettings, type Settings, settingsForRun } from './settings.ts';
import type { TopicChoice } from './topics.ts';

/** What `kafka` and `upsert-kafka` tables have in common. */
export type CommonUse = TableUse<typeof commonOptions>;

/** The formats of a table; `key` where keys are used. */
export interface Formats {
  readonly key: BoundFormat | undefined;
  readonly value: BoundFormat;
}

/** Problems were reported by `check` before anything is created. */
export const alreadyChecked: ReportOption = ({ message, severity }) => {
  if (severity !== 'warning') throw new Error(message);
};

/** Reads which topics a table is about. */
export function readTopics({ options, table }: CommonUse, report: ReportOption): TopicChoice {
  const names = options.topic;
  const text = options['topic-pattern'];
  if (names !== undefined && text !== undefined) {
    report({
      key: 'topic-pattern',
      code: 'conflicting-options',
      message: "options 'topic' and 'topic-pattern' exclude each other",
    });
  }
  if (text === undefined) {
    if (names === undefined) {
      report({ code: 'missing-option', message: `table '${table.name}' needs option 'topic' or 'topic-pattern'` });
    }
    return { kind: 'names', names: [...new Set(names ?? [])] };
  }
  const pattern = javaRegex(text);
  if (pattern instanceof RegExp) return { kind: 'pattern', pattern, text };
  report({ key: 'topic-pattern', message: `'${text}' is no regular expression that is supported: ${pattern.problem}` });
  return { kind: 'names', names: [] };
}

/** Checks the properties of the client. */
export function checkProperties({ options }: CommonUse, report: ReportOption): void {
  const properties = options['properties.*'];
  for (const { name, near } of unknownProperties(properties.keys())) {
    report({
      key: `properties.${name}`,
      severity: 'warning',
      message: `no Kafka client has a property '${name}'; it is ignored`,
      ...(near === undefined ? {} : { help: `did you mean 'properties.${near}'?` }),
    });
  }
  readSettings(
    options['properties.bootstrap.servers'],
    options['properties.group.id'],
    properties,
    (name, message, help) => report({ key: `properties.${name}`, message, ...(help === undefined ? {} : { help }) }),
    false,
  );
}

/** Checks that formats take the fields that they are given; `valueKey` is the option that names the value's format. */
export function checkFormats(
  use: CommonUse,
  fields: KeyValueFields,
  valueKey: 'format' | 'value.format',
  role: Role,
  report: ReportOption,
): void {
  const key = use.formats.get('key.format')?.check(fields.keyFields, role);
  if (key !== undefined) report({ key: 'key.format', message: key });
  const value = use.formats.get(valueKey)?.check(fields.valueFields, role);
  if (value !== undefined) report({ key: valueKey, message: value });
}

/** Checks what only matters for writing. */
export function checkSink(use: CommonUse, report: ReportOption): void {
  const { options, table } = use;
  const metadata = table.columns.filter((c) => c.kind === 'metadata' && !c.virtual);
  const column = metadata.find((c) => c.kind === 'metadata' && c.key === 'topic');
  const several = options['topic-pattern'] !== undefined || (options.topic?.length ?? 1) > 1;
  if (several && column === undefined) {
    report({
      key: options.topic === undefined ? 'topic-pattern' : 'topic',
      code: 'conflicting-options',
      message: `table '${table.name}' may write several topics and needs a column that names one for each row`,
      help: "add a column: topic STRING METADATA FROM 'topic'",
    });
  }
  if (!several && column !== undefined) {
    report({
      key: 'topic',
      code: 'conflicting-options',
      message: `table '${table.name}' writes one topic, so its column '${column.name}' cannot choose it`,
      help: `list several topics in option 'topic', or make the column VIRTUAL`,
    });
  }
  const headers = metadata.filter((c) => c.kind === 'metadata' && (c.key === 'headers' || c.key === 'header-list'));
  if (headers.length > 1) {
    report({
      code: 'conflicting-options',
      message: "metadata 'headers' and 'header-list' exclude each other for writing",
    });
  }
  if (options['sink.delivery-guarantee'] === 'exactly-once' && options['sink.transactional-id-prefix'] === undefined) {
    report({
      key: 'sink.delivery-guarantee',
      code: 'missing-option',
      message: "'exactly-once' needs option 'sink.transactional-id-prefix'",
      help: "add 'sink.transactional-id-prefix' = 'a name of your own'",
    });
  }
}

function settingsOf({ options }: CommonUse): Settings {
  return settingsForRun(
    options['properties.bootstrap.servers'],
    options['properties.group.id'],
    options['properties.*'],
  );
}

/** The option that lets malformed messages pass, where the format has one. */
function skipOption(prefix: string, format: string | undefined): string | undefined {
  return format === 'json' || format === 'csv' ? `${prefix}${format}.ignore-parse-errors` : undefined;
}

/** A source that reads the table; `upsert`: records without value are deletions. */
export function createSource(
  use: CommonUse,
  scan: { readonly start: ScanMode; readonly stop: ScanMode; readonly upsert: boolean },
  fields: KeyValueFields,
  formats: Formats,
  wanted: readonly number[],
  context: ConnectorContext,
): Source {
  const { start, stop, upsert } = scan;
  return new DeferredSource(async () => {
    const [{ KafkaSource }, { tableRows }, { limitSize }] = await Promise.all([
      import('./source.ts'),
      import('./table-rows.ts'),
      import('./limit-size.ts'),
    ]);
    return new KafkaSource(
      {
        start,
        stop,
        settings: settingsOf(use),
        topics: readTopics(use, alreadyChecked),
        discovery: use.options['scan.topic-partition-discovery.interval'],
        rows: limitSize(tableRows(use.table, wanted, fields, formats, context, upsert), use.options['max-record-size']),
        policy: rejectPolicy(use.options),
        skip: {
          key: skipOption('key.', formats.key?.name),
          value: skipOption(use.options['value.format'] === undefined ? '' : 'value.', formats.value.name),
        },
      },
      context,
    );
  });
}

/** Asks the cluster whether the table can be used; `start` of a source. */
export async function inspect(
  use: CommonUse,
  role: Role,
  start: ScanMode | undefined,
  context: ConnectorContext,
  report: ReportOption,
): Promise<void> {
  const { inspectTopics } = await import('./inspect-topics.ts');
  const settings = settingsFor(use, (name, message, help) =>
    report({ key: `properties.${name}`, message, ...(help === undefined ? {} : { help }) }),
  );
  if (settings === undefined) return;
  const topics = readTopics(use, alreadyChecked);
  await inspectTopics({ settings, topics, role, ...(start === undefined ? {} : { start }) }, context.log, report);
}

/** The settings with all files read, or undefined after reporting those that cannot be. */
function settingsFor({ options }: CommonUse, report: ReportProperty): Settings | undefined {
  let problems = 0;
  const settings = readSettings(
    options['properties.bootstrap.servers'],
    options['properties.group.id'],
    options['properties.*'],
    (name, message, help) => {
      problems++;
      report(name, message, help);
    },
    true,
  );
  return problems === 0 ? settings : undefined;
}

/** How a sink of the table differs between the connectors. */
export interface SinkStyle {
  readonly upsert: boolean;
  readonly partitioner: 'default' | 'fixed';
  readonly exactlyOnce: boolean;
  readonly flush: Sink['flush'];
  readonly reduce: boolean;
}

/** A sink that writes the table. */
export function createSink(
  use: CommonUse,
  style: SinkStyle,
  fields: KeyValueFields,
  formats: Formats,
  written: readonly number[],
  context: ConnectorContext,
): Sink {
  const prefix = use.options['sink.transactional-id-prefix'] ?? '';
  const load = async () => {
    const { KafkaSink } = await import('./sink.ts');
    return new KafkaSink(
      {
        ...style,
        settings: settingsOf(use),
        table: use.table,
        topics: readTopics(use, alreadyChecked),
        fields,
        written,
        key: formats.key?.createEncoder(fields.keyFields, context),
        value: formats.value.createEncoder(fields.valueFields, context),
        transactionalIdPrefix: style.exactlyOnce ? prefix : undefined,
        policy: rejectPolicy(use.options),
      },
      context,
    );
  };
  return new DeferredSink(load, style.flush, style.exactlyOnce);
}
