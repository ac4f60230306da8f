import { DecodeError } from '../../engine/connector/errors.ts';
import { type Decoder, defineFormat, type Encoder } from '../../engine/connector/format.ts';
import { option } from '../../engine/connector/options.ts';
import { type Column, valueAt } from '../../engine/types/batch.ts';
import { type DataType, type Field, type Scalar, typeText } from '../../engine/types/data-type.ts';
import { ColumnBuilder } from './column-builder.ts';
import { decoderOf, encoderOf, readableCharset, writableCharset } from './text/charset.ts';

/** The bytes of a message as the value of the table's only column. */
export const raw = defineFormat({
  name: 'raw',
  doc: 'The bytes of a message are the value of the only column: text, bytes or a number in binary.',
  options: {
    charset: option.string('The charset of text.', { default: 'UTF-8' }),
    endianness: option.oneOf(['big-endian', 'little-endian'], 'The order of the bytes of numbers.', {
      default: 'big-endian',
    }),
  },
  check(fields, { charset }, role) {
    if (fields.length !== 1) {
      const names = fields.map((f) => `'${f.name}'`).join(', ');
      return `format 'raw' takes exactly one physical column, found ${fields.length === 0 ? 'none' : `${fields.length}: ${names}`}`;
    }
    const { name, type } = fields[0]!;
    if (layoutOf(type) === undefined)
      return `format 'raw' does not support column '${name}' of type ${typeText(type, false)}`;
    const text = type.kind === 'VARCHAR' || type.kind === 'CHAR';
    if (text && !(role === 'source' ? readableCharset(charset) : writableCharset(charset))) {
      return `charset '${charset}' of format 'raw' cannot be ${role === 'source' ? 'read' : 'written'} here`;
    }
    return undefined;
  },
  createDecoder: (fields, wanted, options) => new RawDecoder(fields, wanted, layoutFor(fields, options)),
  createEncoder: (fields, options) => new RawEncoder(fields[0]!, layoutFor(fields, options)),
});

/** How a value lies in bytes; `size` undefined: any. */
interface Layout {
  readonly size: number | undefined;
  read(bytes: Buffer, start: number, end: number): Scalar;
  write(value: Scalar): Buffer;
}

function layoutFor(fields: readonly Field[], options: { charset: string; endianness: string }): Layout {
  return layoutOf(fields[0]!.type, options.charset, options.endianness === 'little-endian')!;
}

function layoutOf(type: DataType, charset = 'UTF-8', little = false): Layout | undefined {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR': {
      const decode = decoderOf(charset);
      const encode = encoderOf(charset);
      return { size: undefined, read: (b, start, end) => decode(b, start, end), write: (v) => encode(v as string) };
    }
    case 'BINARY':
    case 'VARBINARY':
      return {
        size: undefined,
        read: (b, start, end) => new Uint8Array(b.subarray(start, end)),
        write: (v) => Buffer.from(v as Uint8Array),
      };
    case 'BOOLEAN':
      return { size: 1, read: (b, start) => b[start] !== 0, write: (v) => Buffer.from([v === true ? 1 : 0]) };
    case 'TINYINT':
      return number(
        1,
        (b, at) => b.readInt8(at),
        (b, v) => b.writeInt8(v as number),
      );
    case 'SMALLINT':
      return little
        ? number(
            2,
            (b, at) => b.readInt16LE(at),
            (b, v) => b.writeInt16LE(v as number),
          )
        : number(
            2,
            (b, at) => b.readInt16BE(at),
            (b, v) => b.writeInt16BE(v as number),
          );
    case 'INT':
      return little
        ? number(
            4,
            (b, at) => b.readInt32LE(at),
            (b, v) => b.writeInt32LE(v as number),
          )
        : number(
            4,
            (b, at) => b.readInt32BE(at),
            (b, v) => b.writeInt32BE(v as number),
          );
    case 'BIGINT':
      return little
        ? number(
            8,
            (b, at) => b.readBigInt64LE(at),
            (b, v) => b.writeBigInt64LE(v as bigint),
          )
        : number(
            8,
            (b, at) => b.readBigInt64BE(at),
            (b, v) => b.writeBigInt64BE(v as bigint),
          );
    case 'FLOAT':
      return little
        ? number(
            4,
            (b, at) => b.readFloatLE(at),
            (b, v) => b.writeFloatLE(v as number),
          )
        : number(
            4,
            (b, at) => b.readFloatBE(at),
            (b, v) => b.writeFloatBE(v as number),
          );
    case 'DOUBLE':
      return little
        ? number(
            8,
            (b, at) => b.readDoubleLE(at),
            (b, v) => b.writeDoubleLE(v as number),
          )
        : number(
            8,
            (b, at) => b.readDoubleBE(at),
            (b, v) => b.writeDoubleBE(v as number),
          );
    default:
      return undefined;
  }
}

function number(
  size: number,
  read: (bytes: Buffer, at: number) => Scalar,
  write: (bytes: Buffer, value: Scalar) => void,
): Layout {
  return {
    size,
    read,
    write: (value) => {
      const bytes = Buffer.alloc(size);
      write(bytes, value);
      return bytes;
    },
  };
}

class RawDecoder implements Decoder {
  length = 0;
  private readonly field: Field;
  private readonly layout: Layout;
  /** One per wanted column: none or one. */
  private readonly builders: readonly ColumnBuilder[];
  private capacity = 0;

  constructor(fields: readonly Field[], wanted: readonly number[], layout: Layout) {
    this.field = fields[0]!;
    this.layout = layout;
    this.builders = wanted.map((i) => new ColumnBuilder(fields[i]!.type));
  }

  reserve(rows: number): void {
    const capacity = this.length + rows;
    if (capacity <= this.capacity) return;
    for (const builder of this.builders) builder.grow(capacity, this.length);
    this.capacity = capacity;
  }

  decode(bytes: Buffer, start: number, end: number): void {
    const { size } = this.layout;
    if (size !== undefined && end - start !== size) {
      const { name, type } = this.field;
      const found = `${end - start} byte${end - start === 1 ? '' : 's'}`;
      throw new DecodeError(`field '${name}': a ${typeText(type, false)} has ${size} bytes, found ${found}`, name);
    }
    this.append(this.builders.length === 0 ? null : this.layout.read(bytes, start, end));
  }

  decodeNull(): void {
    this.append(null);
  }

  private append(value: Scalar): void {
    if (this.length === this.capacity) this.reserve(Math.max(64, this.capacity));
    for (const builder of this.builders) builder.set(this.length, value);
    this.length++;
  }

  take(): Column[] {
    this.length = 0;
    this.capacity = 0;
    return this.builders.map((builder) => builder.take());
  }
}

class RawEncoder implements Encoder {
  private readonly field: Field;
  private readonly layout: Layout;

  constructor(field: Field, layout: Layout) {
    this.field = field;
    this.layout = layout;
  }

  isNull(columns: readonly Column[], i: number): boolean {
    return columns[0]!.nulls?.[i] === 1;
  }

  encode(columns: readonly Column[], i: number): Buffer {
    const value = valueAt(this.field.type, columns[0]!, i);
    return value === null ? Buffer.alloc(0) : this.layout.write(value);
  }
}
