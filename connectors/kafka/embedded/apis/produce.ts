import { compressionsAlgorithms } from '../../wire.ts';
import type { Broker } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { type ProducedBatch, type Refusal, readProducedBatch, refuse } from '../log/produced-batch.ts';
import { recordHeads } from '../log/records.ts';
import { type Rewriting, rewriteBatch } from '../log/rewrite-batch.ts';
import type { Topic } from '../log/topics.ts';
import { produceRequest, produceResponse } from '../messages/produce.ts';
import { isCompacted, maxMessageBytes, rewritingOf } from '../topic-configs.ts';
import { defineApi } from './define-api.ts';

const zstd = 4;

interface Written {
  readonly baseOffset: number;
  /** -1 where records keep the time of the client. */
  readonly logAppendTime: number;
}

/**
 * Appends record batches. Versions 0 to 2 carry message formats that are not taken; they are advertised all the same,
 * as Kafka 4 does, because librdkafka finds out from them whether the broker knows format v2.
 */
export const produce = defineApi({
  key: 0,
  versions: [3, 11],
  advertisedMinVersion: 0,
  flexibleFrom: 9,
  request: produceRequest,
  response: produceResponse,
  answer: (request, call, broker) => {
    const badAcks = request.acks < -1 || request.acks > 1;
    const responses = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, records }) => {
        const log = broker.topics.partition(name, index);
        const written = badAcks
          ? refuse(ErrorCode.invalidRequiredAcks, `acks ${request.acks} is none of -1, 0 and 1`)
          : append(broker, broker.topics.get(name), index, records?.[0], request.transactionalId, call.version);
        return 'errorCode' in written ? refused(index, written) : taken(index, written, log!);
      }),
    }));
    broker.topics.enforceLimit();
    return request.acks === 0 ? undefined : { responses, throttleTime: 0 };
  },
});

function append(
  broker: Broker,
  topic: Topic | undefined,
  index: number,
  records: Buffer | undefined,
  transactionalId: string | null,
  version: number,
): Written | Refusal {
  const log = topic?.partitions[index];
  if (topic === undefined || log === undefined) {
    return refuse(ErrorCode.unknownTopicOrPartition, 'this broker does not have the partition');
  }
  if (records === undefined) return refuse(ErrorCode.invalidRecord, 'no records');
  if (records.length > maxMessageBytes(topic)) {
    return refuse(ErrorCode.messageTooLarge, `a record batch of ${records.length} bytes, over max.message.bytes`);
  }
  const batch = readProducedBatch(records);
  if ('errorCode' in batch) return batch;
  if (batch.compression === zstd && version < 7) {
    return refuse(ErrorCode.unsupportedCompressionType, 'zstd needs Produce version 7');
  }
  if (batch.transactional) {
    const refusal = broker.transactions.checkProduce(transactionalId, batch, topic.name, index);
    if (refusal !== undefined) return refusal;
  }
  const rewriting = rewritingOf(topic, Date.now());
  const accepted = accept(batch, topic, rewriting);
  if ('errorCode' in accepted) return accepted;
  const baseOffset = log.write(accepted);
  return typeof baseOffset === 'number' ? { baseOffset, logAppendTime: rewriting.appendTime ?? -1 } : baseOffset;
}

/** The batch as its topic takes it. */
function accept(batch: ProducedBatch, topic: Topic, rewriting: Rewriting): ProducedBatch | Refusal {
  try {
    if (isCompacted(topic) && !allKeyed(batch)) {
      return refuse(ErrorCode.invalidRecord, 'Compacted topic cannot accept message without key.');
    }
    return rewriteBatch(batch, rewriting);
  } catch (error) {
    return refuse(ErrorCode.corruptMessage, `the records cannot be decompressed: ${String(error)}`);
  }
}

function allKeyed(batch: ProducedBatch): boolean {
  if (batch.compression === zstd && !compressionsAlgorithms.zstd.available) return true;
  for (const { hasKey } of recordHeads(batch.bytes)) if (!hasKey) return false;
  return true;
}

function taken(index: number, { baseOffset, logAppendTime }: Written, log: PartitionLog) {
  return {
    index,
    errorCode: ErrorCode.none as number,
    baseOffset,
    logAppendTime,
    logStartOffset: log.start,
    recordErrors: [],
    errorMessage: null as string | null,
  };
}

function refused(index: number, { errorCode, errorMessage }: Refusal): ReturnType<typeof taken> {
  return { index, errorCode, baseOffset: -1, logAppendTime: -1, logStartOffset: -1, recordErrors: [], errorMessage };
}
