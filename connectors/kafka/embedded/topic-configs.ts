import { compressions } from '../compressions.ts';
import { compressionsAlgorithms } from '../wire.ts';
import type { Rewriting } from './log/rewrite-batch.ts';
import type { Topic } from './log/topics.ts';

/** A setting of a topic; `type` as numbered by DescribeConfigs: 1 boolean, 2 string, 3 int, 5 long, 7 list. */
export interface TopicConfig {
  readonly value: string;
  readonly type: number;
}

/**
 * Topic settings that may be set and are shown, with their defaults. Acted upon are `max.message.bytes`,
 * `compression.type`, `message.timestamp.type` and of `cleanup.policy` that compacted topics want keys: records are
 * dropped by memory alone, never by age and never by key.
 */
export const topicConfigs: ReadonlyMap<string, TopicConfig> = new Map([
  ['cleanup.policy', { value: 'delete', type: 7 }],
  ['compression.type', { value: 'producer', type: 2 }],
  ['delete.retention.ms', { value: '86400000', type: 5 }],
  ['file.delete.delay.ms', { value: '60000', type: 5 }],
  ['flush.messages', { value: '9223372036854775807', type: 5 }],
  ['flush.ms', { value: '9223372036854775807', type: 5 }],
  ['index.interval.bytes', { value: '4096', type: 3 }],
  ['max.compaction.lag.ms', { value: '9223372036854775807', type: 5 }],
  ['max.message.bytes', { value: '1048588', type: 3 }],
  ['message.timestamp.type', { value: 'CreateTime', type: 2 }],
  ['min.cleanable.dirty.ratio', { value: '0.5', type: 6 }],
  ['min.compaction.lag.ms', { value: '0', type: 5 }],
  ['min.insync.replicas', { value: '1', type: 3 }],
  ['preallocate', { value: 'false', type: 1 }],
  ['retention.bytes', { value: '-1', type: 5 }],
  ['retention.ms', { value: '-1', type: 5 }],
  ['segment.bytes', { value: '1073741824', type: 3 }],
  ['segment.index.bytes', { value: '10485760', type: 3 }],
  ['segment.jitter.ms', { value: '0', type: 5 }],
  ['segment.ms', { value: '604800000', type: 5 }],
  ['unclean.leader.election.enable', { value: 'false', type: 1 }],
]);

const allowed: ReadonlyMap<string, readonly string[]> = new Map([
  ['cleanup.policy', ['delete', 'compact']],
  ['compression.type', ['producer', 'uncompressed', ...compressions.slice(1)]],
  ['message.timestamp.type', ['CreateTime', 'LogAppendTime']],
]);
const numbers = new Set([3, 5, 6]);

/** What is wrong with a setting, or undefined. */
export function checkTopicConfig(name: string, value: string | null): string | undefined {
  const known = topicConfigs.get(name);
  if (known === undefined) return `unknown topic config name: ${name}`;
  if (value === null) return `null value not supported for topic configs: ${name}`;
  const choices = allowed.get(name);
  if (choices !== undefined && !value.split(',').every((v) => choices.includes(v))) {
    return `invalid value ${value} for configuration ${name}: expected ${choices.join(', ')}`;
  }
  if (numbers.has(known.type) && !/^-?\d+(\.\d+)?$/.test(value))
    return `invalid value ${value} for configuration ${name}`;
  return undefined;
}

/** The largest record batch that a topic takes, in bytes. */
export function maxMessageBytes(topic: Topic): number {
  return Number(configOf(topic, 'max.message.bytes'));
}

/** Whether each record needs a key. */
export function isCompacted(topic: Topic): boolean {
  return configOf(topic, 'cleanup.policy').includes('compact');
}

/** What the topic changes in batches that are written at `now`, in milliseconds since 1970. */
export function rewritingOf(topic: Topic, now: number): Rewriting {
  const type = configOf(topic, 'compression.type');
  const code = type === 'producer' ? undefined : Math.max(0, (compressions as readonly string[]).indexOf(type));
  return {
    // Node before 22.15 has no zstd: the producer's compression stays.
    compression: type === 'zstd' && !compressionsAlgorithms.zstd.available ? undefined : code,
    appendTime: configOf(topic, 'message.timestamp.type') === 'LogAppendTime' ? now : undefined,
  };
}

function configOf(topic: Topic, name: string): string {
  return topic.configs.get(name) ?? topicConfigs.get(name)!.value;
}
