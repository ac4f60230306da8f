import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../connector/errors.ts';
import { fileError } from '../connector/file-error.ts';
import { checkpointHelp } from './checkpoint-file.ts';
import { FrameReader, readLarge, writeFrame, writeLarge } from './frames.ts';
import { StateLock } from './state-lock.ts';
import type { SavedState, StateChange, StateImages, StateNodes, StateStore } from './state-store.ts';

/** Fewer bytes of changes are repeated faster than images are worth writing. */
const LEAST_LOG = 16 << 20;

/**
 * States in a folder: `120.image` holds all that was remembered at epoch 120, `120.log` what changed in each epoch after
 * it (its number, then the change), made durable one by one. Images are copied at a commit and written beside the commits that follow, once the changes
 * are half as large as the last image: so a commit costs what its own changes cost.
 */
export class StateLog implements StateStore {
  readonly #folder: string;
  readonly #leastLog: number;
  readonly #lock: StateLock;
  #log: FileHandle | undefined;
  /** Where the log is to be taken up; undefined: a new one. */
  #tail: { readonly base: number; readonly at: number } | undefined;
  #changed = 0;
  #replaced = false;
  #imageSize = 0;
  #writing: Promise<void> | undefined;
  /** Epoch of the last image that is whole. */
  #image = 0;
  /** There is nothing older than this one. */
  #kept = 0;
  #failure: { readonly error: unknown } | undefined;

  /** `leastLog`: bytes of changes after which images are written at the earliest. */
  constructor(folder: string, leastLog = LEAST_LOG) {
    this.#folder = folder;
    this.#leastLog = leastLog;
    this.#lock = new StateLock(`${folder}.lock`);
  }

  async open(): Promise<void> {
    try {
      await this.#lock.take();
    } catch (error) {
      throw error instanceof RunError ? error : fileError(error, 'written', this.#folder, checkpointHelp);
    }
  }

  get wantsImages(): boolean {
    if (this.#replaced) return true;
    return this.#writing === undefined && this.#changed > Math.max(this.#leastLog, this.#imageSize / 2);
  }

  replaceNodes(): void {
    this.#replaced = true;
  }

  async save(epoch: number, nodes: StateNodes, change: StateChange, images: StateImages | undefined): Promise<void> {
    await this.#lock.check();
    try {
      await this.#save(epoch, nodes, change, images);
    } catch (error) {
      throw fileError(error, 'written', this.#folder, checkpointHelp);
    }
  }

  async #save(epoch: number, nodes: StateNodes, change: StateChange, images: StateImages | undefined): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#replaced) return this.#saveAnew(epoch, nodes, images!);
    const log = this.#log ?? (await this.#openLog(epoch - 1, nodes));
    this.#log = log;
    this.#changed += (await writeFrame(log, epoch)) + (await writeFrame(log, change));
    await log.datasync();
    if (images === undefined) return;
    await log.close();
    this.#log = await this.#openLog(epoch, nodes);
    this.#changed = 0;
    this.#writing = this.#writeImage(epoch, nodes, images)
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }

  /** Begins with an image: what the epochs before need stays, until this one is committed. */
  async #saveAnew(epoch: number, nodes: StateNodes, images: StateImages): Promise<void> {
    this.#tail = undefined;
    this.#log = await this.#openLog(epoch, nodes);
    await this.#writeImage(epoch, nodes, images);
    this.#changed = 0;
    this.#replaced = false;
  }

  async load(epoch: number): Promise<SavedState | undefined> {
    const bases = await this.#bases('.image');
    const image = Math.max(0, ...bases.filter((base) => base <= epoch));
    const logs = (await this.#bases('.log')).filter((base) => base >= image && base <= epoch).sort((a, b) => a - b);
    if (logs[0] !== image) return undefined;
    const places = await this.#check(logs, epoch);
    if (places === undefined) return undefined;
    const head = await this.#reading(this.#file(image, '.log'), (reader) => reader.next());
    const images = image === 0 ? undefined : await this.#readImage(image);
    if (head === undefined || (image > 0 && images === undefined)) throw this.#unreadable(this.#file(image, '.image'));
    this.#image = image;
    await this.#forgetAfter(epoch, bases);
    this.#tail = places.at(-1)!;
    const nodes = head.value as StateNodes;
    return { nodes, ...(images && { images }), changes: this.#changes(logs, epoch) };
  }

  async committed(epoch: number): Promise<void> {
    if (this.#image <= this.#kept || this.#image > epoch) return;
    this.#kept = this.#image;
    for (const suffix of ['.image', '.log'] as const) {
      for (const base of await this.#bases(suffix)) {
        if (base < this.#image) await rm(this.#file(base, suffix), { force: true });
      }
    }
  }

  async clear(): Promise<void> {
    await this.#end();
    await rm(this.#folder, { recursive: true, force: true });
    this.#tail = undefined;
    this.#image = this.#kept = this.#changed = this.#imageSize = 0;
    this.#replaced = false;
  }

  async close(): Promise<void> {
    try {
      await this.#end();
    } finally {
      await this.#lock.release();
    }
  }

  async #end(): Promise<void> {
    await this.#writing;
    await this.#log?.close();
    this.#log = undefined;
  }

  async #openLog(base: number, nodes: StateNodes): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true });
    const tail = this.#tail;
    this.#tail = undefined;
    if (tail !== undefined && tail.at > 0) {
      const handle = await open(this.#file(tail.base, '.log'), 'a');
      await handle.truncate(tail.at);
      return handle;
    }
    const handle = await open(this.#file(base, '.log'), 'w');
    try {
      await writeFrame(handle, nodes);
      await handle.sync();
      await this.#syncFolder();
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The name of a new file is durable too. */
  async #syncFolder(): Promise<void> {
    // Windows does not open folders.
    if (process.platform === 'win32') return;
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #writeImage(epoch: number, nodes: StateNodes, images: StateImages): Promise<void> {
    const temporary = `${this.#file(epoch, '.image')}.tmp`;
    const handle = await open(temporary, 'w');
    try {
      let bytes = (await writeFrame(handle, nodes)) + (await writeFrame(handle, images.size));
      for (const [id, image] of images) bytes += (await writeFrame(handle, id)) + (await writeLarge(handle, image));
      await handle.sync();
      this.#imageSize = bytes;
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#file(epoch, '.image'));
    await this.#syncFolder();
    this.#image = epoch;
  }

  #readImage(base: number): Promise<StateImages | undefined> {
    const file = this.#file(base, '.image');
    return this.#reading(file, async (reader) => {
      await reader.skip();
      const count = (await reader.next())?.value as number | undefined;
      if (count === undefined) return undefined;
      const images = new Map<string, unknown>();
      for (let i = 0; i < count; i++) {
        const id = (await reader.next())?.value as string | undefined;
        const image = await readLarge(reader);
        if (id === undefined || image === undefined) return undefined;
        images.set(id, image.value);
      }
      this.#imageSize = reader.at;
      return images;
    });
  }

  /** Where in each log the last record up to `epoch` ends; undefined where that epoch is not there. */
  async #check(logs: readonly number[], epoch: number): Promise<{ base: number; at: number }[] | undefined> {
    const places: { base: number; at: number }[] = [];
    let last = logs[0]!;
    this.#changed = 0;
    for (const base of logs) {
      if (base !== last) return undefined;
      const at = await this.#reading(this.#file(base, '.log'), async (reader) => {
        await reader.skip();
        let { at } = reader;
        for (; last < epoch; at = reader.at) {
          const next = await reader.next();
          if (next === undefined || !(await reader.skip())) break;
          last = next.value as number;
        }
        return at;
      });
      this.#changed += at;
      places.push({ base, at });
    }
    return last === epoch ? places : undefined;
  }

  async *#changes(logs: readonly number[], epoch: number): AsyncIterable<StateChange> {
    for (const base of logs) {
      const handle = await open(this.#file(base, '.log'), 'r');
      try {
        const reader = new FrameReader(handle);
        await reader.next();
        for (let next = await reader.next(); next !== undefined; next = await reader.next()) {
          if ((next.value as number) > epoch) return;
          const change = await reader.next();
          if (change === undefined) return;
          yield change.value as StateChange;
        }
      } finally {
        await handle.close();
      }
    }
  }

  /** What a crash left that was never committed. */
  async #forgetAfter(epoch: number, images: readonly number[]): Promise<void> {
    for (const base of images) if (base > epoch) await rm(this.#file(base, '.image'), { force: true });
    for (const base of await this.#bases('.log')) if (base > epoch) await rm(this.#file(base, '.log'), { force: true });
    for (const base of await this.#bases('.image.tmp')) await rm(this.#file(base, '.image.tmp'), { force: true });
  }

  async #reading<T>(file: string, read: (reader: FrameReader) => Promise<T>): Promise<T> {
    const handle = await open(file, 'r');
    try {
      return await read(new FrameReader(handle));
    } catch (cause) {
      throw this.#unreadable(file, cause);
    } finally {
      await handle.close();
    }
  }

  #unreadable(file: string, cause?: unknown): RunError {
    return new RunError('bad-checkpoint', `the state in '${file}' cannot be read`, {
      help: 'start anew with --fresh',
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** The epochs of the files that end so. */
  async #bases(suffix: Suffix): Promise<number[]> {
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return names.flatMap((name) => {
      const number = name.slice(0, -suffix.length);
      return name.endsWith(suffix) && /^\d+$/.test(number) ? [Number(number)] : [];
    });
  }

  #file(base: number, suffix: Suffix): string {
    return path.join(this.#folder, `${base}${suffix}`);
  }
}

type Suffix = '.image' | '.log' | '.image.tmp';
