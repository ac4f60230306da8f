import { offsetAfter, readLong } from './record-batch.ts';
import type { AbortedTransaction } from './record-cursor.ts';
import type { Split } from './split.ts';
import { createAPI, type Reader, Writer } from './wire.ts';

/** What to fetch from one broker. `topics` maps each topic to the splits that the broker leads. */
export interface FetchRequest {
  readonly maxWait: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
  readonly readCommitted: boolean;
  readonly topics: readonly (readonly [string, readonly Split[]])[];
}

/** What came of one partition; its record batches are `bytes[start, end)` of the response. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly start: number;
  readonly end: number;
}

export interface FetchResponse {
  readonly errorCode: number;
  readonly throttle: number;
  readonly bytes: Buffer;
  readonly partitions: readonly FetchedPartition[];
}

/*
  Fetch Request (Version: 12) => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch
                                 [topics] [forgotten_topics_data] rack_id TAG_BUFFER
    topics => topic [partitions] TAG_BUFFER
      partitions => partition current_leader_epoch fetch_offset last_fetched_epoch log_start_offset
                    partition_max_bytes TAG_BUFFER
  Version 12 names topics, which every broker since Kafka 2.7 understands; sessions are not used.
*/
function writeFetch(request: FetchRequest): Writer {
  return Writer.create()
    .appendInt32(-1)
    .appendInt32(request.maxWait)
    .appendInt32(request.minBytes)
    .appendInt32(request.maxBytes)
    .appendInt8(request.readCommitted ? 1 : 0)
    .appendInt32(0)
    .appendInt32(-1)
    .appendArray([...request.topics], (topicWriter, [topic, splits]) => {
      topicWriter.appendString(topic).appendArray([...splits], (writer, split) => {
        writer
          .appendInt32(split.partition)
          .appendInt32(-1)
          .appendInt64(BigInt(split.fetchOffset))
          .appendInt32(-1)
          .appendInt64(-1n)
          .appendInt32(request.partitionMaxBytes);
      });
    })
    .appendArray([], () => {})
    .appendString('')
    .appendTaggedFields();
}

/*
  Fetch Response (Version: 12) => throttle_time_ms error_code session_id [responses] TAG_BUFFER
    responses => topic [partitions] TAG_BUFFER
      partitions => partition_index error_code high_watermark last_stable_offset log_start_offset
                    [aborted_transactions] preferred_read_replica records TAG_BUFFER
        aborted_transactions => producer_id first_offset TAG_BUFFER
*/
function readFetch(_correlationId: number, _apiKey: number, _apiVersion: number, reader: Reader): FetchResponse {
  // One contiguous buffer: record batches are read in place from here on.
  const bytes = reader.buffer.slice(reader.position);
  const cursor = new ByteCursor(bytes);
  const throttle = cursor.int32();
  const errorCode = cursor.int16();
  cursor.at += 4;
  const partitions: FetchedPartition[] = [];
  for (let topics = cursor.length(); topics > 0; topics--) {
    const topic = cursor.string();
    for (let count = cursor.length(); count > 0; count--) partitions.push(readPartition(cursor, topic));
    cursor.tags();
  }
  return { errorCode, throttle, bytes, partitions };
}

function readPartition(cursor: ByteCursor, topic: string): FetchedPartition {
  const partition = cursor.int32();
  const errorCode = cursor.int16();
  const highWatermark = cursor.int64();
  const lastStableOffset = cursor.int64();
  const logStartOffset = cursor.int64();
  const aborted: AbortedTransaction[] = [];
  for (let count = cursor.length(); count > 0; count--) {
    aborted.push({ producerId: cursor.int64(), firstOffset: cursor.int64() });
    cursor.tags();
  }
  aborted.sort((a, b) => a.firstOffset - b.firstOffset);
  cursor.at += 4;
  const size = Math.max(0, cursor.length());
  const start = cursor.at;
  cursor.at += size;
  cursor.tags();
  return {
    topic,
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    aborted,
    start,
    end: start + size,
  };
}

/** Reads the fields of a response from one contiguous buffer. */
class ByteCursor {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.at += 2;
    return this.#bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.#bytes.readInt32BE(this.at - 4);
  }

  int64(): number {
    this.at += 8;
    return readLong(this.#bytes, this.at - 8);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  /** Length of a compact array, string or byte field; -1 for NULL. */
  length(): number {
    return this.varint() - 1;
  }

  string(): string {
    const length = this.length();
    this.at += length;
    return this.#bytes.toString('utf8', this.at - length, this.at);
  }

  tags(): void {
    for (let count = this.varint(); count > 0; count--) {
      this.varint();
      this.at += this.varint();
    }
  }
}

/** Fetch, version 12: the answer is read in place. */
export const fetchApi = createAPI<[FetchRequest], FetchResponse>(1, 12, writeFetch, readFetch);

/** Offset after the records that came for a partition, where the next fetch goes on. */
export function nextFetchOffset(response: FetchResponse, fetched: FetchedPartition, from: number): number {
  return Math.max(from, offsetAfter(response.bytes, fetched.start, fetched.end, from));
}
