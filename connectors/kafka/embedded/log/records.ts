import { decompress } from '../../compression.ts';
import { batchHeaderSize } from '../../record-batch.ts';

/** What the broker looks at in a record; values stay what they are. */
export interface RecordHead {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly hasKey: boolean;
}

/** The records of a batch as bytes, decompressed where needed. */
export function plainRecords(batch: Buffer): Buffer {
  const compression = batch.readInt16BE(21) & 7;
  const records = batch.subarray(batchHeaderSize);
  return compression === 0 ? records : decompress(compression, records);
}

/*
  Record => length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT, keyLength VARINT, key, …
*/
export function* recordHeads(batch: Buffer): Generator<RecordHead> {
  const records = plainRecords(batch);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = records[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
  };
  while (at < records.length) {
    const length = varint();
    const end = at + length;
    at++;
    yield { timestampDelta: varint(), offsetDelta: varint(), hasKey: varint() >= 0 };
    at = end;
  }
}
