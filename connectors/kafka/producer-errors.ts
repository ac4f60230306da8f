import { RunError } from '../../engine/connector/errors.ts';
import { errorName, isLeaderChange, notAllowed } from './client-errors.ts';
import type { Settings } from './settings.ts';

const again: ReadonlySet<number> = new Set([
  7, // REQUEST_TIMED_OUT
  13, // NETWORK_EXCEPTION
  14, // COORDINATOR_LOAD_IN_PROGRESS
  15, // COORDINATOR_NOT_AVAILABLE
  16, // NOT_COORDINATOR
  19, // NOT_ENOUGH_REPLICAS
  20, // NOT_ENOUGH_REPLICAS_AFTER_APPEND
  51, // CONCURRENT_TRANSACTIONS: the markers of the last transaction are still being written
]);

/** Whether the same request may be sent again: the broker did not take the records, or knows them by their sequence. */
export function isRetriable(code: number): boolean {
  return again.has(code) || isLeaderChange(code);
}

/** DUPLICATE_SEQUENCE_NUMBER: an earlier attempt arrived after all. */
export function isTaken(code: number): boolean {
  return code === 0 || code === 46;
}

/** The error for records that a broker refuses for good. `where` is a topic, partition or transaction. */
export function produceError(
  code: number,
  topic: string,
  where: string,
  message: string | undefined,
  settings: Settings,
): RunError {
  const told = message === undefined ? '' : ` (${message})`;
  switch (code) {
    case 29:
      return notAllowed(`topic '${topic}'`, 'write', settings);
    case 10:
    case 18:
      return new RunError('record-too-large', `${where} refuses a record batch as too large${told}`, {
        help: "raise max.message.bytes of the topic, or set 'properties.compression.type'",
      });
    case 47:
    case 90:
      return fenced(where);
    case 87:
    case 32:
      return new RunError('record-refused', `${where} refuses a record: ${errorName(code)}${told}`, {
        help: 'a compacted topic takes only records with a key; timestamps must be near the time of the broker',
      });
    case 53:
      return notAllowed(`transactional id of ${where}`, 'write', settings);
    case 50:
      return new RunError('bad-option', `the broker does not allow transactions of this length${told}`, {
        help: "lower 'properties.transaction.timeout.ms' to transaction.max.timeout.ms of the broker",
      });
    case 45:
    case 48:
    case 49:
    case 59:
      return new RunError('kafka-producer-reset', `${where} has lost track of this producer: ${errorName(code)}`, {
        passing: true,
      });
    default:
      return new RunError('kafka-error', `${where} cannot be written: ${errorName(code)}${told}`);
  }
}

/** The error for a job that runs twice: the newer one owns the transactional id. */
export function fenced(where: string): RunError {
  return new RunError('fenced', `${where} now belongs to another run of this job`, {
    help: 'stop one of them; jobs that shall run side by side need names of their own (pipeline.name)',
  });
}
