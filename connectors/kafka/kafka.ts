import type { BoundFormat, ReportOption, TableUse } from '../../engine/connector/define.ts';
import { defineConnector } from '../../engine/connector/define.ts';
import type { Role } from '../../engine/connector/options.ts';
import { readScanMode } from './check-scan.ts';
import { unknownProperties } from './client-properties.ts';
import { DeferredSource } from './deferred-source.ts';
import { javaRegex } from './java-regex.ts';
import { kafkaOptions } from './kafka-options.ts';
import { divideFields, type KeyValueFields } from './key-value-fields.ts';
import { kafkaMetadata } from './metadata-columns.ts';
import { readSettings, settingsForRun } from './settings.ts';
import type { TopicChoice } from './topics.ts';

type Use = TableUse<typeof kafkaOptions>;

/** Reads from and writes to topics of Apache Kafka. */
export const kafka = defineConnector({
  name: 'kafka',
  doc: 'Reads from and writes to topics of Apache Kafka.',
  options: kafkaOptions,
  metadata: kafkaMetadata,
  bounded: (options) => options['scan.bounded.mode'] !== 'unbounded',
  check(use, role, report) {
    readTopics(use, report);
    checkFormats(use, role, report);
    checkProperties(use, report);
    if (role === 'source') readModes(use, report);
  },
  createSource(use, wanted, context) {
    const { start, stop } = readModes(use, fail);
    const scan = {
      topics: readTopics(use, fail),
      start,
      stop,
      discovery: use.options['scan.topic-partition-discovery.interval'],
    };
    const formats = { key: use.formats.get('key.format'), value: valueFormat(use) };
    return new DeferredSource(async () => {
      const [{ KafkaSource }, { tableRows }] = await Promise.all([import('./source.ts'), import('./table-rows.ts')]);
      const settings = settingsForRun(
        use.options['properties.bootstrap.servers'],
        use.options['properties.group.id'],
        use.options['properties.*'],
      );
      return new KafkaSource(
        { ...scan, settings, rows: tableRows(use.table, wanted, fieldsOf(use, fail), formats, context) },
        context,
      );
    });
  },
});

/** Problems were reported by `check` before anything is created. */
const fail: ReportOption = ({ message }) => {
  throw new Error(message);
};

function valueFormat(use: Use): BoundFormat {
  const format = use.formats.get('value.format') ?? use.formats.get('format');
  if (format === undefined) throw new Error("option 'format' is missing");
  return format;
}

function fieldsOf(use: Use, report: ReportOption): KeyValueFields {
  return divideFields(
    use.table,
    {
      keyFormat: use.options['key.format'],
      keyFields: use.options['key.fields'],
      prefix: use.options['key.fields-prefix'],
      include: use.options['value.fields-include'],
    },
    report,
  );
}

function readTopics(use: Use, report: ReportOption): TopicChoice {
  const names = use.options.topic;
  const text = use.options['topic-pattern'];
  if (names !== undefined && text !== undefined) {
    report({
      key: 'topic-pattern',
      code: 'conflicting-options',
      message: "options 'topic' and 'topic-pattern' exclude each other",
    });
  }
  if (text === undefined) {
    if (names === undefined) {
      report({ code: 'missing-option', message: `table '${use.table.name}' needs option 'topic' or 'topic-pattern'` });
    }
    return { kind: 'names', names: [...new Set(names ?? [])] };
  }
  const pattern = javaRegex(text);
  if (pattern instanceof RegExp) return { kind: 'pattern', pattern, text };
  report({ key: 'topic-pattern', message: `'${text}' is no regular expression that is supported: ${pattern.problem}` });
  return { kind: 'names', names: [] };
}

function checkFormats(use: Use, role: Role, report: ReportOption): void {
  const { options, table } = use;
  if (options.format !== undefined && options['value.format'] !== undefined) {
    report({
      key: 'format',
      code: 'conflicting-options',
      message: "options 'format' and 'value.format' are the same: set one",
    });
  }
  const fields = fieldsOf(use, report);
  const key = use.formats.get('key.format');
  const problem = key?.check(fields.keyFields, role);
  if (problem !== undefined) report({ key: 'key.format', message: problem });
  const name = options['value.format'] === undefined ? 'format' : 'value.format';
  const value = use.formats.get(name);
  if (value === undefined) {
    report({
      code: 'missing-option',
      message: `table '${table.name}' needs option 'format'`,
      help: "add 'format' = 'json'",
    });
    return;
  }
  const valueProblem = value.check(fields.valueFields, role);
  if (valueProblem !== undefined) report({ key: name, message: valueProblem });
  if (table.primaryKey !== undefined) {
    report({
      code: 'invalid-key',
      message: `table '${table.name}' cannot have a PRIMARY KEY: records of format '${value.name}' in Kafka are only added, none is unique`,
      help: "remove the key, or use 'connector' = 'upsert-kafka'",
    });
  }
}

function checkProperties(use: Use, report: ReportOption): void {
  const properties = use.options['properties.*'];
  for (const { name, near } of unknownProperties(properties.keys())) {
    report({
      key: `properties.${name}`,
      severity: 'warning',
      message: `no Kafka client has a property '${name}'; it is ignored`,
      ...(near === undefined ? {} : { help: `did you mean 'properties.${near}'?` }),
    });
  }
  readSettings(
    use.options['properties.bootstrap.servers'],
    use.options['properties.group.id'],
    properties,
    (name, message, help) => report({ key: `properties.${name}`, message, ...(help === undefined ? {} : { help }) }),
    false,
  );
}

function readModes(use: Use, report: ReportOption) {
  const { options } = use;
  const { topic } = options;
  const group = options['properties.group.id'];
  return {
    start: readScanMode(
      'startup',
      {
        mode: options['scan.startup.mode'],
        timestamp: options['scan.startup.timestamp-millis'],
        offsets: options['scan.startup.specific-offsets'],
      },
      topic,
      group,
      report,
    ),
    stop: readScanMode(
      'bounded',
      {
        mode: options['scan.bounded.mode'],
        timestamp: options['scan.bounded.timestamp-millis'],
        offsets: options['scan.bounded.specific-offsets'],
      },
      topic,
      group,
      report,
    ),
  };
}
