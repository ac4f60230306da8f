import type { Log } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { Client } from './client.ts';
import { earliest, latest, listOffsets } from './offsets.ts';
import type { ScanMode } from './scan-options.ts';
import type { Settings } from './settings.ts';
import type { Split } from './split.ts';

/** The log does not hold the wanted offset of a split: where it goes on, as the options say, else why it cannot. */
export async function resetOffset(
  client: Client,
  split: Split,
  { start, settings, log }: { readonly start: ScanMode; readonly settings: Settings; readonly log: Log },
): Promise<number> {
  const partition = [{ topic: split.topic, partition: split.partition }];
  const first = (await listOffsets(client, partition, earliest)).get(split.name) ?? 0;
  const end = (await listOffsets(client, partition, latest)).get(split.name) ?? 0;
  const offset = split.fetchOffset;
  const { offsetReset } = settings;
  // Records that expired between finding the first offset and fetching it are nobody's loss.
  const untouched = !split.restored && start.kind === 'earliest-offset' && offset < first;
  const reset = offsetReset === 'none' && untouched ? 'earliest' : offsetReset;
  if (reset === 'none') {
    const where = `offset ${offset} of ${split.name}`;
    const what =
      offset < first
        ? `${where} has expired: the topic begins at ${first}`
        : `${where} lies beyond the end of the topic, ${end}: the topic was created anew or cut off`;
    throw new RunError('offset-out-of-range', what, {
      help: "set 'properties.auto.offset.reset' to 'earliest' or 'latest' to go on there, or start afresh with --fresh",
    });
  }
  const to = reset === 'earliest' ? first : end;
  log.warn('kafka_offset_reset', { split: split.name, offset, first, end, to });
  return to;
}
