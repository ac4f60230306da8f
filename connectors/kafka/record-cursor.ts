import { RunError } from '../../engine/connector/errors.ts';
import { decompress } from './compression.ts';
import { type BatchHeader, batchEnd, batchHeaderSize, corrupt, readBatchHeader } from './record-batch.ts';
import type { Split } from './split.ts';

/** Takes the records of a partition, in order. Ranges are half-open positions in `bytes`; a start of -1 is NULL. */
export interface RecordRows {
  /** Rows taken so far. */
  readonly length: number;
  reserve(records: number): void;
  /** Throws `DecodeError` where the record cannot be read. `headersAt` is the position of the header count. */
  append(
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    headersAt: number,
    offset: number,
    timestamp: number,
  ): void;
  /** Called before the records of a batch. */
  begin(split: Split, header: BatchHeader): void;
}

/** A transaction that was rolled back: records of the producer from `firstOffset` on are to be skipped. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What one fetch brought of one partition. `aborted` is ordered by first offset. */
export interface FetchedRecords {
  readonly split: Split;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly aborted: readonly AbortedTransaction[];
}

/** A record that a decoder refused. */
export interface RefusedRecord {
  readonly offset: number;
  readonly cause: unknown;
  readonly bytes: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Position of the header count. */
  readonly headersAt: number;
}

/**
 * Walks the record batches of one partition in place and hands each record to `rows`: no object per record.
 * Moves the position of the split as it goes.
 */
export class RecordCursor {
  readonly split: Split;
  readonly #fetched: FetchedRecords;
  readonly #checkCrc: boolean;
  readonly #abortedProducers = new Set<number>();
  #nextAborted = 0;
  /** Position of the next batch in the fetched bytes. */
  #batchAt: number;
  /** The batch being read, its records (decompressed where needed) and where the next record starts. */
  #header: BatchHeader | undefined;
  #records: Buffer;
  #at = 0;
  #end = 0;
  #left = 0;

  constructor(fetched: FetchedRecords, checkCrc: boolean) {
    this.split = fetched.split;
    this.#fetched = fetched;
    this.#checkCrc = checkCrc;
    this.#batchAt = fetched.start;
    this.#records = fetched.bytes;
  }

  /**
   * Appends records until `rows` holds `limit` rows. 'more': there is more to read; 'end': all read; else the record
   * that could not be decoded, which is also the position of the split then.
   */
  read(rows: RecordRows, limit: number): 'more' | 'end' | RefusedRecord {
    for (;;) {
      if (this.#left === 0) {
        if (this.split.done || !this.#nextBatch(rows, limit)) return 'end';
        if (this.#left === 0) continue;
      } else {
        rows.begin(this.split, this.#header!);
      }
      const refused = this.#readRecords(rows, limit);
      if (refused !== undefined) return refused;
      if (this.#left > 0) return 'more';
      if (rows.length >= limit) return this.split.done ? 'end' : 'more';
    }
  }

  /** Goes on behind the record that `read` gave back. */
  pass({ offset }: RefusedRecord): void {
    if (!this.split.done) this.split.advance(this.#left > 0 ? offset + 1 : this.#header!.lastOffset + 1);
  }

  /** Enters the next batch that has records to read; false where no complete batch is left. */
  #nextBatch(rows: RecordRows, limit: number): boolean {
    const { bytes, end } = this.#fetched;
    const split = this.split;
    const at = this.#batchAt;
    if (batchEnd(bytes, at, end) < 0) return false;
    const header = readBatchHeader(
      bytes,
      at,
      this.#checkCrc,
      () => `partition ${split.name} at offset ${split.position}`,
    );
    this.#batchAt = header.end;
    if (header.lastOffset < split.position) return true;
    if (header.baseOffset >= split.stop) {
      split.finish();
      return true;
    }
    if (header.control || this.#isAborted(header)) {
      this.#endTransaction(header, at);
      split.advance(header.lastOffset + 1);
      return true;
    }
    this.#header = header;
    this.#left = header.count;
    if (header.compression === 0) {
      this.#records = bytes;
      this.#at = at + batchHeaderSize;
      this.#end = header.end;
    } else {
      this.#records = this.#decompress(header, bytes.subarray(at + batchHeaderSize, header.end));
      this.#at = 0;
      this.#end = this.#records.length;
    }
    if (header.maxTimestamp > split.timestamp) split.timestamp = header.maxTimestamp;
    // A compacted batch may have lost all its records and still cover offsets.
    if (header.count <= 0) split.advance(header.lastOffset + 1);
    else {
      rows.begin(split, header);
      rows.reserve(Math.min(header.count, limit));
    }
    return true;
  }

  #decompress(header: BatchHeader, compressed: Buffer): Buffer {
    try {
      return decompress(header.compression, compressed);
    } catch (cause) {
      if (cause instanceof RunError) throw cause;
      throw corrupt(
        `partition ${this.split.name} at offset ${header.baseOffset}`,
        `records cannot be decompressed: ${String(cause)}`,
      );
    }
  }

  #isAborted(header: BatchHeader): boolean {
    const aborted = this.#fetched.aborted;
    while (this.#nextAborted < aborted.length && aborted[this.#nextAborted]!.firstOffset <= header.lastOffset) {
      this.#abortedProducers.add(aborted[this.#nextAborted]!.producerId);
      this.#nextAborted++;
    }
    return header.transactional && this.#abortedProducers.has(header.producerId);
  }

  /** A control batch holds one record whose key says how the transaction ended: version INT16, type INT16, 0 abort. */
  #endTransaction(header: BatchHeader, at: number): void {
    if (!header.control || this.#abortedProducers.size === 0) return;
    const { bytes } = this.#fetched;
    let key = at + batchHeaderSize;
    for (let skipped = 0; skipped < 5; skipped++) {
      // length, attributes, timestamp delta, offset delta, key length: all of them variable but the attributes
      while (skipped !== 1 && bytes[key]! >= 0x80) key++;
      key++;
    }
    if (bytes.readInt16BE(key + 2) === 0) this.#abortedProducers.delete(header.producerId);
  }

  /*
    Record => length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT,
              keyLength VARINT, key, valueLength VARINT, value, headers
  */
  #readRecords(rows: RecordRows, limit: number): RefusedRecord | undefined {
    const header = this.#header!;
    const split = this.split;
    const bytes = this.#records;
    const end = this.#end;
    const { baseOffset, baseTimestamp, maxTimestamp, logAppendTime } = header;
    const from = split.position;
    const stop = split.stop;
    let at = this.#at;
    let left = this.#left;
    let offset = from;
    let keyStart = 0;
    let keyEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    let recordEnd = at;
    try {
      while (left > 0) {
        let b = bytes[at++]!;
        let n = b & 0x7f;
        for (let shift = 7; b >= 0x80; shift += 7) {
          b = bytes[at++]!;
          n |= (b & 0x7f) << shift;
        }
        recordEnd = at + ((n >>> 1) ^ -(n & 1));
        if (recordEnd > end || recordEnd < at)
          throw corrupt(`partition ${split.name}`, `a record after offset ${offset} ends beyond its batch`);
        at++;
        // A timestamp delta may need more than 32 bits: numbers, not integers.
        b = bytes[at++]!;
        let delta = b & 0x7f;
        for (let factor = 128; b >= 0x80; factor *= 128) {
          b = bytes[at++]!;
          delta += (b & 0x7f) * factor;
        }
        delta = delta % 2 === 0 ? delta / 2 : -(delta + 1) / 2;
        b = bytes[at++]!;
        n = b & 0x7f;
        for (let shift = 7; b >= 0x80; shift += 7) {
          b = bytes[at++]!;
          n |= (b & 0x7f) << shift;
        }
        offset = baseOffset + (n >>> 1);
        b = bytes[at++]!;
        n = b & 0x7f;
        for (let shift = 7; b >= 0x80; shift += 7) {
          b = bytes[at++]!;
          n |= (b & 0x7f) << shift;
        }
        keyStart = -1;
        keyEnd = -1;
        if ((n & 1) === 0) {
          keyStart = at;
          at += n >>> 1;
          keyEnd = at;
        }
        b = bytes[at++]!;
        n = b & 0x7f;
        for (let shift = 7; b >= 0x80; shift += 7) {
          b = bytes[at++]!;
          n |= (b & 0x7f) << shift;
        }
        valueStart = -1;
        valueEnd = -1;
        if ((n & 1) === 0) {
          valueStart = at;
          at += n >>> 1;
          valueEnd = at;
        }
        if (at > recordEnd)
          throw corrupt(`partition ${split.name} at offset ${offset}`, 'a field ends beyond its record');
        if (offset >= from) {
          if (offset >= stop) {
            left = 0;
            split.finish();
            break;
          }
          rows.append(
            bytes,
            keyStart,
            keyEnd,
            valueStart,
            valueEnd,
            at,
            offset,
            logAppendTime ? maxTimestamp : baseTimestamp + delta,
          );
        }
        at = recordEnd;
        left--;
        if (rows.length >= limit) break;
      }
    } catch (cause) {
      if (cause instanceof RunError) throw cause;
      split.advance(offset);
      this.#at = recordEnd;
      this.#left = left - 1;
      return { offset, cause, bytes, keyStart, keyEnd, valueStart, valueEnd, headersAt: at };
    }
    this.#at = at;
    this.#left = left;
    if (!split.done) split.advance(left > 0 ? Math.max(from, offset + 1) : header.lastOffset + 1);
    return undefined;
  }
}
