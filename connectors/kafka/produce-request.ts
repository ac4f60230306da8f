import { createAPI, type Reader, Writer } from './wire.ts';

/** Record batches for partitions of one broker: one batch each. */
export interface ProduceRequest {
  readonly transactionalId: string | null;
  /** -1: all in-sync replicas; 1: the leader. */
  readonly acks: number;
  readonly timeout: number;
  readonly topics: readonly (readonly [string, readonly { readonly partition: number; readonly batch: Buffer }[]])[];
}

export interface ProducedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly message: string | undefined;
}

/*
  Produce Request (Version: 9) => transactional_id acks timeout_ms [topic_data] TAG_BUFFER
    topic_data => name [partition_data] TAG_BUFFER
      partition_data => index records TAG_BUFFER
*/
function writeProduce(request: ProduceRequest): Writer {
  return Writer.create()
    .appendString(request.transactionalId)
    .appendInt16(request.acks)
    .appendInt32(request.timeout)
    .appendArray([...request.topics], (topicWriter, [topic, partitions]) => {
      topicWriter.appendString(topic).appendArray([...partitions], (writer, { partition, batch }) => {
        writer
          .appendInt32(partition)
          .appendUnsignedVarInt(batch.length + 1)
          .append(batch);
      });
    })
    .appendTaggedFields();
}

/*
  Produce Response (Version: 9) => [responses] throttle_time_ms TAG_BUFFER
    responses => name [partition_responses] TAG_BUFFER
      partition_responses => index error_code base_offset log_append_time_ms log_start_offset [record_errors]
                             error_message TAG_BUFFER
        record_errors => batch_index batch_index_error_message TAG_BUFFER
*/
function readProduce(
  _correlationId: number,
  _apiKey: number,
  _apiVersion: number,
  reader: Reader,
): ProducedPartition[] {
  return reader
    .readArray((topicReader) => {
      const topic = topicReader.readString();
      return topicReader.readArray((r): ProducedPartition => {
        const partition = r.readInt32();
        const errorCode = r.readInt16();
        r.skip(24);
        const records = r.readArray((e) => {
          e.readInt32();
          return e.readNullableString();
        });
        const message = r.readNullableString() ?? records.find((text) => text !== null);
        return { topic, partition, errorCode, message: message ?? undefined };
      });
    })
    .flat();
}

/** Produce, version 9: every broker since Kafka 2.8 has it. */
export const produceApi = createAPI<[ProduceRequest], ProducedPartition[]>(0, 9, writeProduce, readProduce);
