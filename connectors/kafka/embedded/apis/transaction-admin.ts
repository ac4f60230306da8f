import { ErrorCode } from '../error-codes.ts';
import {
  describeProducersRequest,
  describeProducersResponse,
  describeTransactionsRequest,
  describeTransactionsResponse,
  listTransactionsRequest,
  listTransactionsResponse,
} from '../messages/transaction-admin.ts';
import type { TransactionState } from '../transactions/transactions.ts';
import { defineApi } from './define-api.ts';

export const describeProducers = defineApi({
  key: 61,
  versions: [0, 0],
  flexibleFrom: 0,
  request: describeProducersRequest,
  response: describeProducersResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => {
        const log = broker.topics.partition(name, partition);
        return {
          partition,
          errorCode: log === undefined ? ErrorCode.unknownTopicOrPartition : ErrorCode.none,
          errorMessage: null,
          activeProducers: [...(log?.producers.entries() ?? [])].map(([producerId, state]) => ({
            producerId,
            producerEpoch: state.epoch,
            lastSequence: state.batches.at(-1)?.lastSequence ?? -1,
            lastTimestamp: state.lastTimestamp,
            coordinatorEpoch: 0,
            currentTxnStartOffset: log?.openSince(producerId) ?? -1,
          })),
        };
      }),
    })),
  }),
});

export const describeTransactions = defineApi({
  key: 65,
  versions: [0, 0],
  flexibleFrom: 0,
  request: describeTransactionsRequest,
  response: describeTransactionsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    transactions: request.transactionalIds.map((transactionalId) => {
      const found = broker.transactions.get(transactionalId);
      return {
        errorCode: found === undefined ? ErrorCode.transactionalIdNotFound : ErrorCode.none,
        transactionalId,
        state: found?.state ?? '',
        timeout: found?.timeout ?? 0,
        startTime: found?.startedAt ?? -1,
        producerId: found?.producerId ?? -1,
        producerEpoch: found?.epoch ?? -1,
        topics: [...(found?.partitions ?? [])].map(([topic, partitions]) => ({ topic, partitions: [...partitions] })),
      };
    }),
  }),
});

const states: readonly TransactionState[] = ['Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'];
/** States of Kafka's that pass within one request here. */
const passingStates = ['PrepareCommit', 'PrepareAbort', 'Dead', 'PrepareEpochFence'];

export const listTransactions = defineApi({
  key: 66,
  versions: [0, 1],
  flexibleFrom: 0,
  request: listTransactionsRequest,
  response: listTransactionsResponse,
  answer: ({ stateFilters, producerIdFilters, durationFilter }, _call, broker) => ({
    throttleTime: 0,
    errorCode: ErrorCode.none,
    unknownStateFilters: stateFilters.filter((s) => ![...states, ...passingStates].includes(s)),
    transactions: [...broker.transactions.all()]
      .filter((t) => stateFilters.length === 0 || stateFilters.includes(t.state))
      .filter((t) => producerIdFilters.length === 0 || producerIdFilters.includes(t.producerId))
      .filter((t) => durationFilter < 0 || (t.startedAt >= 0 && Date.now() - t.startedAt > durationFilter))
      .map(({ id, producerId, state }) => ({ transactionalId: id, producerId, state })),
  }),
});
