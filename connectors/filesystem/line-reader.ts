import { type FileHandle, open } from 'node:fs/promises';
import { fileError } from './files.ts';

const CHUNK = 1 << 19;
const NEWLINE = 10;
const RETURN = 13;

/** Whether a line is not yet a whole record: then the next line is a part of it. */
export type Continues = (bytes: Buffer, start: number, end: number) => boolean;

/** Where one line lies in the reader's buffer, without its line end. */
export type TakeLine = (bytes: Buffer, start: number, end: number) => void;

/**
 * Reads one file line by line, as Flink splits it: lines end with '\n', a '\r' before it does not belong to them,
 * the last one needs no end.
 */
export class LineReader {
  readonly file: string;
  /** Byte offset of the next line. */
  offset: number;
  /** Number of the next line from 1 on; undefined where reading did not begin at the start of the file. */
  line: number | undefined;
  private handle: FileHandle | undefined;
  private buffer = Buffer.allocUnsafe(CHUNK);
  private filled = 0;

  private readonly continues: Continues | undefined;

  constructor(file: string, offset: number, continues?: Continues) {
    this.file = file;
    this.continues = continues;
    this.offset = offset;
    this.line = offset === 0 ? 1 : undefined;
  }

  /**
   * Reads on and hands over at least one line, unless the file is at its end: then false. Where `take` throws, the
   * position is that of the line it refused.
   */
  async read(take: TakeLine): Promise<boolean> {
    for (;;) {
      const more = await this.fill();
      const some = this.complete(take);
      if (!more) {
        if (this.filled > 0) {
          take(this.buffer, 0, this.buffer[this.filled - 1] === RETURN ? this.filled - 1 : this.filled);
          this.advance(this.filled);
        }
        return false;
      }
      if (some) return true;
    }
  }

  private complete(take: TakeLine): boolean {
    const { buffer, filled } = this;
    let start = 0;
    let lines = 1;
    let from = 0;
    try {
      for (;;) {
        const newline = buffer.indexOf(NEWLINE, from);
        if (newline < 0 || newline >= filled) break;
        const end = newline > start && buffer[newline - 1] === RETURN ? newline - 1 : newline;
        from = newline + 1;
        if (this.continues?.(buffer, start, end)) {
          lines++;
          continue;
        }
        take(buffer, start, end);
        start = from;
        if (this.line !== undefined) this.line += lines;
        lines = 1;
      }
    } finally {
      this.advance(start);
    }
    return start > 0;
  }

  private advance(bytes: number): void {
    this.buffer.copyWithin(0, bytes, this.filled);
    this.filled -= bytes;
    this.offset += bytes;
  }

  private async fill(): Promise<boolean> {
    try {
      this.handle ??= await open(this.file, 'r');
      if (this.filled === this.buffer.length) {
        const larger = Buffer.allocUnsafe(this.buffer.length * 2);
        this.buffer.copy(larger, 0, 0, this.filled);
        this.buffer = larger;
      }
      const room = this.buffer.length - this.filled;
      const { bytesRead } = await this.handle.read(this.buffer, this.filled, room, this.offset + this.filled);
      this.filled += bytesRead;
      return bytesRead > 0;
    } catch (error) {
      throw fileError(error, 'read', this.file);
    }
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }
}
