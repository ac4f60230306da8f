import { array, int16, int32, int64, nullableString, since, string, struct } from '../wire/schema.ts';

/* DescribeProducers Request (0) => [topics]; topics => name [partition_indexes] */
export const describeProducersRequest = struct({
  topics: array(struct({ name: string, partitions: array(int32) })),
});

/*
  DescribeProducers Response => throttle_time_ms [topics]
    topics => name [partitions]
      partitions => partition_index error_code error_message [active_producers]
        active_producers => producer_id producer_epoch last_sequence last_timestamp coordinator_epoch
                            current_txn_start_offset
*/
export const describeProducersResponse = struct({
  throttleTime: int32,
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          partition: int32,
          errorCode: int16,
          errorMessage: nullableString,
          activeProducers: array(
            struct({
              producerId: int64,
              producerEpoch: int32,
              lastSequence: int32,
              lastTimestamp: int64,
              coordinatorEpoch: int32,
              currentTxnStartOffset: int64,
            }),
          ),
        }),
      ),
    }),
  ),
});

/* DescribeTransactions Request (0) => [transactional_ids] */
export const describeTransactionsRequest = struct({ transactionalIds: array(string) });

/*
  DescribeTransactions Response => throttle_time_ms [transaction_states]
    transaction_states => error_code transactional_id transaction_state transaction_timeout_ms
                          transaction_start_time_ms producer_id producer_epoch [topics]
      topics => topic [partitions]
*/
export const describeTransactionsResponse = struct({
  throttleTime: int32,
  transactions: array(
    struct({
      errorCode: int16,
      transactionalId: string,
      state: string,
      timeout: int32,
      startTime: int64,
      producerId: int64,
      producerEpoch: int16,
      topics: array(struct({ topic: string, partitions: array(int32) })),
    }),
  ),
});

/* ListTransactions Request (0..1) => [state_filters] [producer_id_filters] duration_filter (1+) */
export const listTransactionsRequest = struct({
  stateFilters: array(string),
  producerIdFilters: array(int64),
  durationFilter: since(1, int64, -1),
});

/*
  ListTransactions Response => throttle_time_ms error_code [unknown_state_filters] [transaction_states]
    transaction_states => transactional_id producer_id transaction_state
*/
export const listTransactionsResponse = struct({
  throttleTime: int32,
  errorCode: int16,
  unknownStateFilters: array(string),
  transactions: array(struct({ transactionalId: string, producerId: int64, state: string })),
});
