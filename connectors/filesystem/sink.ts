import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RowError } from '../../engine/connector/errors.ts';
import type { Encoder } from '../../engine/connector/format.ts';
import type { RejectPolicy, RejectReason } from '../../engine/connector/rejection.ts';
import type { Sink } from '../../engine/connector/sink.ts';
import { type RowBatch, valueAt } from '../../engine/types/batch.ts';
import type { DataType, Field } from '../../engine/types/data-type.ts';
import { rowJson } from '../../engine/types/row-json.ts';
import { fileError } from './files.ts';
import { finishLeftovers, PartFile } from './part-file.ts';
import { partitionFolder, partitionText } from './partition-path.ts';

/** A column of a batch by its index, with the name and type it has in the table. */
export interface PartitionColumn {
  readonly name: string;
  readonly type: DataType;
  readonly index: number;
}

/** Where and how to write. */
export interface FileTarget {
  readonly root: string;
  readonly encoder: Encoder;
  /** Indexes into a batch of the columns that the encoder writes, in order. */
  readonly encoded: readonly number[];
  readonly partitions: readonly PartitionColumn[];
  readonly defaultPartition: string;
  /** A part file is finished when it has so many bytes, or is so many milliseconds old, at a commit. */
  readonly rollSize: number;
  readonly rollInterval: number;
  /** Of a batch. */
  readonly columns: readonly Field[];
  /** What becomes of a row that the format cannot write. */
  readonly policy: (reason: RejectReason) => RejectPolicy;
}

const newline = Buffer.from('\n');

/** Writes rows as lines of part files in a folder, one folder for each partition. At least once. */
export class FileSink implements Sink {
  readonly flush = { maxRows: 50_000, interval: 1000 };
  pending = 0;
  private readonly target: FileTarget;
  private readonly context: ConnectorContext;
  private readonly prefix: string;
  private readonly parts = new Map<string, PartFile>();
  private chunks = new Map<string, Buffer[]>();
  private count = 0;

  constructor(target: FileTarget, context: ConnectorContext) {
    this.target = target;
    this.context = context;
    this.prefix = createHash('sha256').update(`${context.job}\n${context.id}`).digest('hex').slice(0, 8);
  }

  async open(): Promise<void> {
    const { root } = this.target;
    try {
      await mkdir(root, { recursive: true });
    } catch (error) {
      throw fileError(error, 'written', root);
    }
    const finished = await finishLeftovers(root, this.prefix);
    if (finished > 0) this.context.log.info('files_recovered', { path: root, files: finished });
  }

  write(batch: RowBatch): void {
    const { encoder, encoded } = this.target;
    const columns = encoded.map((i) => batch.columns[i]!);
    for (let i = 0; i < batch.length; i++) {
      let line: Buffer;
      try {
        line = encoder.encode(columns, i);
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        this.reject(batch, i, error);
        continue;
      }
      const folder = this.folderOf(batch, i);
      let chunks = this.chunks.get(folder);
      if (chunks === undefined) {
        chunks = [];
        this.chunks.set(folder, chunks);
      }
      chunks.push(line, newline);
      this.pending++;
    }
  }

  private reject(batch: RowBatch, i: number, error: RowError): void {
    const { reason, message } = error;
    const policy = this.target.policy(reason);
    if (policy === 'fail') throw error;
    const value = rowJson(this.target.columns, batch.columns, i);
    this.context.rejects.add({ reason, policy, message, value });
  }

  private folderOf(batch: RowBatch, i: number): string {
    const { partitions, defaultPartition } = this.target;
    if (partitions.length === 0) return '';
    const values = partitions.map(({ type, index }) =>
      partitionText(type, valueAt(type, batch.columns[index]!, i), defaultPartition),
    );
    return partitionFolder(
      partitions.map((p) => p.name),
      values,
    );
  }

  async commit(): Promise<void> {
    const { chunks } = this;
    this.chunks = new Map();
    this.pending = 0;
    for (const [folder, rows] of chunks) {
      let part = this.parts.get(folder);
      if (part === undefined) {
        part = new PartFile(path.join(this.target.root, folder), this.prefix, this.count++);
        this.parts.set(folder, part);
      }
      await part.append(rows);
    }
    await this.roll();
  }

  private async roll(): Promise<void> {
    const { rollSize, rollInterval } = this.target;
    const now = performance.now();
    for (const [folder, part] of this.parts) {
      if (part.size < rollSize && now - part.openedAt < rollInterval) continue;
      this.parts.delete(folder);
      await part.finish();
    }
  }

  async close(): Promise<void> {
    for (const part of this.parts.values()) await part.finish();
    this.parts.clear();
  }
}
