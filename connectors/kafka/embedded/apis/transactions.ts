import { ErrorCode } from '../error-codes.ts';
import {
  addOffsetsToTxnRequest,
  addPartitionsToTxnRequest,
  addPartitionsToTxnResponse,
  endTxnRequest,
  errorOnlyResponse,
  initProducerIdRequest,
  initProducerIdResponse,
  txnOffsetCommitRequest,
  txnOffsetCommitResponse,
} from '../messages/transactions.ts';
import { defineApi } from './define-api.ts';
import { checkGroup, commitAll } from './group-offsets.ts';

/** PRODUCER_FENCED exists from a version of each request on; before it was INVALID_PRODUCER_EPOCH. */
function fenced(code: ErrorCode, knowsFencing: boolean): ErrorCode {
  return code === ErrorCode.producerFenced && !knowsFencing ? ErrorCode.invalidProducerEpoch : code;
}

export const initProducerId = defineApi({
  key: 22,
  versions: [0, 5],
  flexibleFrom: 2,
  request: initProducerIdRequest,
  response: initProducerIdResponse,
  answer: ({ transactionalId, transactionTimeout, producerId, producerEpoch }, call, broker) => {
    const identity = broker.transactions.init(transactionalId, transactionTimeout, producerId, producerEpoch);
    if (typeof identity === 'number') {
      return { throttleTime: 0, errorCode: fenced(identity, call.version >= 4), producerId: -1, producerEpoch: -1 };
    }
    return {
      throttleTime: 0,
      errorCode: ErrorCode.none,
      producerId: identity.producerId,
      producerEpoch: identity.epoch,
    };
  },
});

export const addPartitionsToTxn = defineApi({
  key: 24,
  versions: [0, 3],
  flexibleFrom: 3,
  request: addPartitionsToTxnRequest,
  response: addPartitionsToTxnResponse,
  answer: ({ transactionalId, producerId, producerEpoch, topics }, call, broker) => {
    const found = broker.transactions.find(transactionalId, producerId, producerEpoch);
    const exists = (topic: string, partition: number) => broker.topics.partition(topic, partition) !== undefined;
    // All or none: where one partition is missing, the others are told that nothing was tried.
    const complete = topics.every(({ name, partitions }) => partitions.every((p) => exists(name, p)));
    const errorFor = (topic: string, partition: number): ErrorCode => {
      if (typeof found === 'number') return fenced(found, call.version >= 2);
      if (!exists(topic, partition)) return ErrorCode.unknownTopicOrPartition;
      if (!complete) return ErrorCode.operationNotAttempted;
      broker.transactions.addPartition(found, topic, partition);
      return ErrorCode.none;
    };
    return {
      throttleTime: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partition) => ({ partition, errorCode: errorFor(name, partition) })),
      })),
    };
  },
});

export const addOffsetsToTxn = defineApi({
  key: 25,
  versions: [0, 3],
  flexibleFrom: 3,
  request: addOffsetsToTxnRequest,
  response: errorOnlyResponse,
  answer: ({ transactionalId, producerId, producerEpoch, groupId }, call, broker) => {
    const found = broker.transactions.find(transactionalId, producerId, producerEpoch);
    if (typeof found === 'number') return { throttleTime: 0, errorCode: fenced(found, call.version >= 2) };
    if (groupId === '') return { throttleTime: 0, errorCode: ErrorCode.invalidGroupId };
    broker.transactions.addGroup(found, groupId);
    return { throttleTime: 0, errorCode: ErrorCode.none };
  },
});

export const txnOffsetCommit = defineApi({
  key: 28,
  versions: [0, 3],
  flexibleFrom: 3,
  request: txnOffsetCommitRequest,
  response: txnOffsetCommitResponse,
  answer: (request, _call, broker) => {
    const { transactionalId, groupId, generationId, memberId, groupInstanceId } = request;
    const found = broker.transactions.find(transactionalId, request.producerId, request.producerEpoch);
    let mayCommit: ErrorCode = ErrorCode.none;
    if (typeof found === 'number') mayCommit = fenced(found, false);
    else if (!found.groups.has(groupId)) mayCommit = ErrorCode.invalidTxnState;
    else if (generationId >= 0 || memberId !== '') {
      mayCommit = checkGroup(broker, groupId, memberId, generationId, groupInstanceId);
    }
    return {
      throttleTime: 0,
      topics: commitAll(broker, mayCommit, request.topics, (topic, partition, offset) => {
        if (typeof found !== 'number') broker.transactions.addOffset(found, groupId, topic, partition, offset);
      }),
    };
  },
});

export const endTxn = defineApi({
  key: 26,
  versions: [0, 3],
  flexibleFrom: 3,
  request: endTxnRequest,
  response: errorOnlyResponse,
  answer: ({ transactionalId, producerId, producerEpoch, committed }, call, broker) => {
    const found = broker.transactions.find(transactionalId, producerId, producerEpoch);
    const errorCode =
      typeof found === 'number' ? fenced(found, call.version >= 2) : broker.transactions.end(found, committed);
    return { throttleTime: 0, errorCode };
  },
});
