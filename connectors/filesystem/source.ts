import { setTimeout as sleep } from 'node:timers/promises';
import { DecodeError, RunError } from '../../engine/connector/errors.ts';
import type { Decoder } from '../../engine/connector/format.ts';
import type { RejectPolicy, RejectReason, Rejects } from '../../engine/connector/rejection.ts';
import type { Positions, RestorePositions, Source } from '../../engine/connector/source.ts';
import type { Column, RowBatch } from '../../engine/types/batch.ts';
import { listFiles } from './files.ts';
import { LineReader, type TakeLine } from './line-reader.ts';

/** The batch of `length` rows of one file from the decoded columns. */
export type Assemble = (length: number, decoded: readonly Column[]) => RowBatch;

/** What to read and how. */
export interface FileScan {
  readonly root: string;
  /** Only files whose whole path matches. */
  readonly pattern: RegExp | undefined;
  /** Milliseconds between looks for new files; undefined: the files there are at the start, then the end. */
  readonly monitor: number | undefined;
  readonly decoder: Decoder;
  /** Called when a file's reading begins: gives what puts columns known from the file beside the decoded ones. */
  begin(file: string): Promise<Assemble>;
  /** A line of more bytes is too large; undefined: what the format reads is the limit. */
  readonly maxLine: number | undefined;
  /** What becomes of a line that cannot be read. */
  readonly policy: (reason: RejectReason) => RejectPolicy;
  readonly rejects: Rejects;
  /** What to do about a line that cannot be read, where it stops the job. */
  readonly help: string;
}

const HALF_BATCH = 2048;

/** Reads files one after the other. A file is a split, its position the byte offset of the next line. */
export class FileSource implements Source {
  private readonly scan: FileScan;
  private readonly offsets = new Map<string, string>();
  private waiting: string[] = [];
  private reader: LineReader | undefined;
  private assemble: Assemble | undefined;
  private restore: RestorePositions | undefined;

  constructor(scan: FileScan) {
    this.scan = scan;
  }

  async open(restore: RestorePositions): Promise<void> {
    this.restore = restore;
    await this.find();
  }

  private async find(): Promise<void> {
    const { root, pattern } = this.scan;
    const files = (await listFiles(root)).filter((f) => !this.offsets.has(f) && (pattern?.test(f) ?? true));
    if (files.length === 0) return;
    const restored = await this.restore!(files);
    for (const file of files) {
      const text = restored.get(file) ?? '0';
      if (!/^\d+$/.test(text)) throw new RunError('bad-checkpoint', `the position '${text}' of '${file}' is no offset`);
      this.offsets.set(file, text);
      this.waiting.push(file);
    }
  }

  async poll(signal: AbortSignal): Promise<RowBatch | null> {
    signal.throwIfAborted();
    this.reader ??= await this.next(signal);
    const { reader } = this;
    if (reader === undefined) return null;
    const { decoder } = this.scan;
    decoder.reserve(HALF_BATCH);
    const more = await reader.read((bytes, start, end) => this.decode(reader, bytes, start, end));
    this.offsets.set(reader.file, String(reader.offset));
    if (!more) {
      await reader.close();
      this.reader = undefined;
    }
    const { length } = decoder;
    return this.assemble!(length, decoder.take());
  }

  private readonly decode = (reader: LineReader, ...[bytes, start, end]: Parameters<TakeLine>): void => {
    const { decoder, maxLine, policy, rejects, help } = this.scan;
    try {
      if (maxLine !== undefined && end - start > maxLine) throw tooLarge(end - start, maxLine);
      decoder.decode(bytes, start, end);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const { reason } = error;
      const at = reader.line === undefined ? `byte ${reader.offset + start}` : `line ${reader.line}`;
      const message = `'${reader.file}', ${at}: ${error.message}`;
      const chosen = policy(reason);
      if (chosen !== 'fail') {
        const value = new Uint8Array(bytes.subarray(start, end));
        const origin = { split: reader.file, position: String(reader.offset + start), value };
        rejects.add({ reason, policy: chosen, message, ...(chosen === 'skip' ? {} : origin) });
        return;
      }
      const text = bytes.toString('utf8', start, Math.min(end, start + 200));
      const shown = `${text}${end - start > 200 ? '…' : ''}`;
      throw new RunError('malformed-record', `${message}\n  line: ${shown}`, { help, cause: error });
    }
  };

  private async next(signal: AbortSignal): Promise<LineReader | undefined> {
    const { monitor } = this.scan;
    for (;;) {
      const file = this.waiting.shift();
      if (file !== undefined) {
        this.assemble = await this.scan.begin(file);
        const { decoder } = this.scan;
        const continues = decoder.continues?.bind(decoder);
        return new LineReader(file, Number(this.offsets.get(file)), continues);
      }
      if (monitor === undefined) return undefined;
      await sleep(monitor, undefined, { signal });
      await this.find();
    }
  }

  positions(): Positions {
    return new Map(this.offsets);
  }

  async close(): Promise<void> {
    await this.reader?.close();
    this.reader = undefined;
  }
}

function tooLarge(size: number, limit: number): DecodeError {
  return new DecodeError(`the line has ${size} bytes, 'max-record-size' allows ${limit}`, undefined, 'too-large');
}
