import { defineConnector, type ReportOption, type TableUse } from '../../engine/connector/define.ts';
import { readScanMode, readStop } from './check-scan.ts';
import {
  alreadyChecked,
  checkFormats,
  checkProperties,
  checkSink,
  createSink,
  createSource,
  type Formats,
  inspect,
  readTopics,
} from './common-use.ts';
import { kafkaOptions } from './kafka-options.ts';
import { divideFields, type KeyValueFields } from './key-value-fields.ts';
import { kafkaMetadata } from './metadata-columns.ts';

type Use = TableUse<typeof kafkaOptions>;

/** Rows of a commit; the more, the rarer the commits of a job that catches up. */
const rowsPerCommit = 100_000;

/** Reads from and writes to topics of Apache Kafka. */
export const kafka = defineConnector({
  name: 'kafka',
  doc: 'Reads from and writes to topics of Apache Kafka.',
  options: kafkaOptions,
  metadata: kafkaMetadata,
  bounded: (options) => options['scan.bounded.mode'] !== 'unbounded',
  exactlyOnce: (options) => (options['sink.semantic'] ?? options['sink.delivery-guarantee']) === 'exactly-once',
  keeps: (options) =>
    (options['sink.semantic'] ?? options['sink.delivery-guarantee']) === 'exactly-once' ? 'positions' : 'rows',
  check(use, role, report) {
    readTopics(use, report);
    checkValueFormat(use, report);
    checkFormats(use, fieldsOf(use, report), valueKey(use), role, report);
    checkProperties(use, report);
    if (role === 'source') {
      readModes(use, report);
      return;
    }
    checkSink(use, report);
    checkPartitioner(use, report);
  },
  createSource(use, wanted, context) {
    const scan = { ...readModes(use, alreadyChecked), upsert: false };
    return createSource(use, scan, fieldsOf(use, alreadyChecked), formatsOf(use), wanted, context);
  },
  inspect: (use, role, _columns, context, report) =>
    inspect(use, role, role === 'source' ? readModes(use, alreadyChecked).start : undefined, context, report),
  createSink(use, written, context) {
    const guarantee = use.options['sink.semantic'] ?? use.options['sink.delivery-guarantee'];
    const style = {
      upsert: false,
      partitioner: use.options['sink.partitioner'] === 'fixed' ? 'fixed' : 'default',
      exactlyOnce: guarantee === 'exactly-once',
      flush: { maxRows: rowsPerCommit, interval: 0 },
      reduce: false,
    } as const;
    return createSink(use, style, fieldsOf(use, alreadyChecked), formatsOf(use), written, context);
  },
});

function valueKey(use: Use): 'format' | 'value.format' {
  return use.options['value.format'] === undefined ? 'format' : 'value.format';
}

function formatsOf(use: Use): Formats {
  return { key: use.formats.get('key.format'), value: use.formats.get(valueKey(use))! };
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

function checkValueFormat({ options, table, formats }: Use, report: ReportOption): void {
  const value = options['value.format'] ?? options.format;
  if (options.format !== undefined && options['value.format'] !== undefined) {
    report({
      key: 'format',
      code: 'conflicting-options',
      message: "options 'format' and 'value.format' are the same: set one",
    });
  }
  if (value === undefined || formats.size === 0) {
    report({
      code: 'missing-option',
      message: `table '${table.name}' needs option 'format'`,
      help: "add 'format' = 'json'",
    });
  } else if (table.primaryKey !== undefined) {
    report({
      code: 'invalid-key',
      message: `table '${table.name}' cannot have a PRIMARY KEY: records of format '${value}' in Kafka are only added, none is unique`,
      help: "remove the key, or use 'connector' = 'upsert-kafka'",
    });
  }
}

function checkPartitioner({ options }: Use, report: ReportOption): void {
  const partitioner = options['sink.partitioner'];
  if (partitioner === 'round-robin' && options['key.fields'] !== undefined) {
    report({
      key: 'sink.partitioner',
      code: 'conflicting-options',
      message: "sink.partitioner 'round-robin' and option 'key.fields' exclude each other: a key chooses its partition",
    });
  } else if (!['default', 'fixed', 'round-robin'].includes(partitioner)) {
    report({
      key: 'sink.partitioner',
      message: `'${partitioner}' is not a value for option 'sink.partitioner': expected 'default', 'fixed' or 'round-robin'`,
      ...(partitioner.includes('.') ? { help: 'classes of Java cannot be loaded' } : {}),
    });
  }
  if (options['sink.semantic'] === undefined) return;
  if (options['sink.semantic'] === 'exactly-once' && options['sink.transactional-id-prefix'] === undefined) {
    report({
      key: 'sink.semantic',
      code: 'missing-option',
      message: "'exactly-once' needs option 'sink.transactional-id-prefix'",
    });
  }
  report({
    key: 'sink.semantic',
    severity: 'warning',
    message: "option 'sink.semantic' is old: use 'sink.delivery-guarantee'",
  });
}

function readModes({ options }: Use, report: ReportOption) {
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
    stop: readStop(options, report),
  };
}
