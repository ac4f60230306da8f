import { option } from '../../engine/connector/options.ts';
import { rejectOptions } from '../../engine/connector/rejection.ts';
import { secretProperty } from './client-properties.ts';

const startModes = ['earliest-offset', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'] as const;
const boundedModes = ['unbounded', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'] as const;

/** Options that `kafka` and `upsert-kafka` share. */
export const commonOptions = {
  ...rejectOptions('malformed', 'wrong-type', 'missing-field', 'too-large', 'constraint', 'out-of-range', 'encoding'),
  'max-record-size': option.size(
    "Values of more bytes are 'too-large'; where it is not set, what the format reads is the limit.",
    {
      role: 'source',
      ours: true,
    },
  ),
  topic: option.list("Topics to read, separated by ';'; the topic to write, or those that column 'topic' may choose."),
  'topic-pattern': option.string('Regular expression of the topics to read, or that may be written.'),
  'properties.bootstrap.servers': option.string("Brokers to reach the cluster by: 'host:port,host:port'.", {
    required: true,
  }),
  'properties.group.id': option.string(
    "Consumer group: where 'group-offsets' starts, and where committed positions are shown to lag monitors.",
  ),
  'properties.*': option.others('Properties of the Java clients, mapped to this client.', {
    secretKeys: secretProperty,
  }),
  'key.format': option.format('Format of keys.'),
  'key.fields-prefix': option.string('Prefix of the key columns in the table that the key itself does not have.'),
  'value.format': option.format("Format of values; the same as 'format'."),
  'value.fields-include': option.oneOf(['ALL', 'EXCEPT_KEY'], 'Whether key columns are part of the value too.', {
    default: 'ALL',
  }),
  'scan.bounded.mode': option.oneOf(boundedModes, 'Where reading ends; unbounded: never.', {
    default: 'unbounded',
    role: 'source',
  }),
  'scan.bounded.specific-offsets': option.string("Where to end: 'partition:0,offset:42;partition:1,offset:300'.", {
    role: 'source',
  }),
  'scan.bounded.timestamp-millis': option.long('Where to end: milliseconds since 1970.', { role: 'source' }),
  'scan.topic-partition-discovery.interval': option.duration('How often to look for new partitions; 0: never.', {
    default: '5 min',
    role: 'source',
  }),
  'scan.parallelism': option.int('Accepted for Flink; one process reads all partitions.', { role: 'source', min: 1 }),
  'sink.delivery-guarantee': option.oneOf(
    ['at-least-once', 'exactly-once', 'none'],
    'What a failure may do to written rows.',
    { default: 'at-least-once', role: 'sink' },
  ),
  'sink.transactional-id-prefix': option.string('Begins the transactional id of exactly-once.', { role: 'sink' }),
  'sink.transaction-naming-strategy': option.oneOf(['INCREMENTING', 'POOLING'], 'Accepted for Flink.', {
    role: 'sink',
  }),
  'sink.parallelism': option.int('Accepted for Flink; one process writes.', { role: 'sink', min: 1 }),
} as const;

/** Options of `'connector' = 'kafka'`. */
export const kafkaOptions = {
  format: option.format('Format of values.'),
  'key.fields': option.list("Columns that the key holds, separated by ';'."),
  'scan.startup.mode': option.oneOf(startModes, 'Where a job without checkpoint starts.', {
    default: 'group-offsets',
    role: 'source',
  }),
  'scan.startup.specific-offsets': option.string("Where to start: 'partition:0,offset:42;partition:1,offset:300'.", {
    role: 'source',
  }),
  'scan.startup.timestamp-millis': option.long('Where to start: milliseconds since 1970.', { role: 'source' }),
  'sink.partitioner': option.string("How rows find their partition: 'default', 'fixed' or 'round-robin'.", {
    default: 'default',
    role: 'sink',
  }),
  'sink.semantic': option.oneOf(['at-least-once', 'exactly-once', 'none'], "Old name of 'sink.delivery-guarantee'.", {
    role: 'sink',
  }),
  ...commonOptions,
} as const;

/** Options of `'connector' = 'upsert-kafka'`. */
export const upsertKafkaOptions = {
  'sink.buffer-flush.max-rows': option.int('Only the last row of a key is written of so many; 0: every row.', {
    default: '0',
    role: 'sink',
    min: 0,
  }),
  'sink.buffer-flush.interval': option.duration('Only the last row of a key is written of this time; 0: every row.', {
    default: '0 s',
    role: 'sink',
  }),
  ...commonOptions,
} as const;
