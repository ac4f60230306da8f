import type { Log } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { Client } from './client.ts';
import { committedOffsets, earliest, latest, listOffsets, type TopicPartition } from './offsets.ts';
import type { ScanMode } from './scan-options.ts';
import { splitName } from './split.ts';

/** Split → offset where a reader without checkpoint starts. Throws a `RunError` where the mode gives none. */
export async function startOffsets(
  client: Client,
  partitions: readonly TopicPartition[],
  mode: ScanMode,
  log: Log,
): Promise<Map<string, number>> {
  switch (mode.kind) {
    case 'earliest-offset':
      return listOffsets(client, partitions, earliest);
    case 'latest-offset':
    case 'unbounded':
      return listOffsets(client, partitions, latest);
    case 'timestamp':
      return offsetsAt(client, partitions, mode.timestamp);
    case 'group-offsets': {
      const committed = await groupOffsets(client, partitions);
      return complete(client, partitions, committed, client.settings.offsetReset);
    }
    case 'specific-offsets': {
      const given = new Map<string, number>();
      const others: TopicPartition[] = [];
      for (const p of partitions) {
        const offset = mode.offsets.get(p.partition);
        if (offset === undefined) others.push(p);
        else given.set(splitName(p.topic, p.partition), offset);
      }
      await clampToLog(client, partitions, given, log);
      // As in Flink: partitions that are not named start where their group is, else at the beginning.
      if (client.settings.groupId !== undefined && others.length > 0) {
        for (const [split, offset] of await groupOffsets(client, others)) given.set(split, offset);
      }
      return complete(client, partitions, given, 'earliest');
    }
  }
}

/** Split → offset where a bounded reader ends, exclusive; empty for an unbounded one. */
export async function stopOffsets(
  client: Client,
  partitions: readonly TopicPartition[],
  mode: ScanMode,
): Promise<Map<string, number>> {
  switch (mode.kind) {
    case 'unbounded':
      return new Map();
    case 'latest-offset':
    case 'earliest-offset':
      return listOffsets(client, partitions, latest);
    case 'timestamp':
      return offsetsAt(client, partitions, mode.timestamp);
    case 'specific-offsets':
      // A partition that is not named is not read.
      return new Map(partitions.map((p) => [splitName(p.topic, p.partition), mode.offsets.get(p.partition) ?? 0]));
    case 'group-offsets': {
      const committed = await groupOffsets(client, partitions);
      const without = partitions.map((p) => splitName(p.topic, p.partition)).filter((name) => !committed.has(name));
      if (without.length === 0) return committed;
      throw new RunError(
        'no-committed-offset',
        `group '${client.settings.groupId}' has no committed offset of ${without.join(', ')} to end at`,
        { help: "set 'scan.bounded.mode' to 'latest-offset', or let the group commit first" },
      );
    }
  }
}

/** The first record at or after a time; the end where there is none yet. */
async function offsetsAt(
  client: Client,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const ends = await listOffsets(client, partitions, latest);
  const found = await listOffsets(client, partitions, timestamp);
  return new Map([...ends, ...found]);
}

async function groupOffsets(client: Client, partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
  const group = client.settings.groupId;
  if (group === undefined) {
    throw new RunError('missing-group', "option 'properties.group.id' is missing: mode 'group-offsets' needs a group");
  }
  return committedOffsets(client, group, partitions);
}

/** Adds offsets for the splits that have none, by the reset strategy. */
async function complete(
  client: Client,
  partitions: readonly TopicPartition[],
  offsets: ReadonlyMap<string, number>,
  reset: 'none' | 'earliest' | 'latest',
): Promise<Map<string, number>> {
  const without = partitions.filter((p) => !offsets.has(splitName(p.topic, p.partition)));
  if (without.length === 0) return new Map(offsets);
  if (reset === 'none') {
    const names = without.map((p) => splitName(p.topic, p.partition)).join(', ');
    throw new RunError(
      'no-committed-offset',
      `group '${client.settings.groupId}' has no committed offset of ${names}`,
      {
        help: "set 'properties.auto.offset.reset' to 'earliest' or 'latest', or 'scan.startup.mode' to another mode",
      },
    );
  }
  return new Map([...offsets, ...(await listOffsets(client, without, reset === 'earliest' ? earliest : latest))]);
}

/** An offset outside of the log starts at its beginning, as in Flink; the log of the job says so. */
async function clampToLog(
  client: Client,
  partitions: readonly TopicPartition[],
  offsets: Map<string, number>,
  log: Log,
): Promise<void> {
  const first = await listOffsets(client, partitions, earliest);
  const end = await listOffsets(client, partitions, latest);
  for (const [split, offset] of offsets) {
    const from = first.get(split) ?? 0;
    const to = end.get(split) ?? 0;
    if (offset >= from && offset <= to) continue;
    log.warn('kafka_offset_reset', { split, offset, first: from, end: to, to: from });
    offsets.set(split, from);
  }
}
