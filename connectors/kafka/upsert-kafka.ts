import { defineConnector, type ReportOption, type TableUse } from '../../engine/connector/define.ts';
import { readStop } from './check-scan.ts';
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
import { upsertKafkaOptions } from './kafka-options.ts';
import { divideFields, type KeyValueFields } from './key-value-fields.ts';
import { kafkaMetadata } from './metadata-columns.ts';

type Use = TableUse<typeof upsertKafkaOptions>;

const rowsPerCommit = 100_000;

/** A table with a primary key as a topic: the newest record of a key is its row, one without value deletes it. */
export const upsertKafka = defineConnector({
  name: 'upsert-kafka',
  doc: 'A table with a primary key in topics of Apache Kafka: a record replaces the row of its key, an empty one deletes it. Read, it is changes of rows, from the beginning of the topics.',
  options: upsertKafkaOptions,
  metadata: kafkaMetadata,
  gives: () => 'upsert',
  bounded: (options) => options['scan.bounded.mode'] !== 'unbounded',
  accepts: () => 'upsert',
  exactlyOnce: (options) => options['sink.delivery-guarantee'] === 'exactly-once',
  keeps: (options) => (options['sink.delivery-guarantee'] === 'exactly-once' ? 'positions' : 'rows'),
  check(use, role, report) {
    readTopics(use, report);
    for (const key of ['key.format', 'value.format'] as const) {
      if (use.options[key] !== undefined) continue;
      report({
        code: 'missing-option',
        message: `table '${use.table.name}' needs option '${key}'`,
        help: `add '${key}' = 'json'`,
      });
    }
    if (use.table.primaryKey === undefined) {
      report({
        code: 'invalid-key',
        message: `table '${use.table.name}' needs a PRIMARY KEY: it is the key of its records`,
        help: 'add PRIMARY KEY (…) NOT ENFORCED',
      });
    } else {
      checkFormats(use, fieldsOf(use, report), 'value.format', role, report);
    }
    checkProperties(use, report);
    if (role === 'source') {
      readStop(use.options, report);
      return;
    }
    checkSink(use, report);
    checkFlush(use, report);
  },
  inspect: (use, role, _columns, context, report) =>
    inspect(use, role, role === 'source' ? start : undefined, context, report),
  createSource(use, wanted, context) {
    const scan = { start, stop: readStop(use.options, alreadyChecked), upsert: true };
    return createSource(use, scan, fieldsOf(use, alreadyChecked), formatsOf(use), wanted, context);
  },
  createSink(use, written, context) {
    const maxRows = use.options['sink.buffer-flush.max-rows'];
    const interval = use.options['sink.buffer-flush.interval'];
    const style = {
      upsert: true,
      partitioner: 'default',
      exactlyOnce: use.options['sink.delivery-guarantee'] === 'exactly-once',
      flush: { maxRows: maxRows > 0 ? maxRows : rowsPerCommit, interval },
      reduce: maxRows > 0,
    } as const;
    return createSink(use, style, fieldsOf(use, alreadyChecked), formatsOf(use), written, context);
  },
});

/** The rows of a table are known only from its beginning on. */
const start = { kind: 'earliest-offset' } as const;

function formatsOf({ formats }: Use): Formats {
  return { key: formats.get('key.format'), value: formats.get('value.format')! };
}

function fieldsOf(use: Use, report: ReportOption): KeyValueFields {
  const { table, options } = use;
  return divideFields(
    table,
    {
      keyFormat: options['key.format'],
      keyFields: table.primaryKey?.map((index) => table.columns[index]!.name),
      prefix: options['key.fields-prefix'],
      include: options['value.fields-include'],
    },
    report,
  );
}

function checkFlush({ options }: Use, report: ReportOption): void {
  const rows = options['sink.buffer-flush.max-rows'] > 0;
  const interval = options['sink.buffer-flush.interval'] > 0;
  if (rows === interval) return;
  report({
    key: rows ? 'sink.buffer-flush.max-rows' : 'sink.buffer-flush.interval',
    code: 'conflicting-options',
    message: "options 'sink.buffer-flush.max-rows' and 'sink.buffer-flush.interval' must both be above 0, or neither",
  });
}
