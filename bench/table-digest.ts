import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * What a table holds, whatever the order of its rows, in the space of two numbers: each row's hash is added when it comes and
 * taken away when it goes.
 */
export class TableDigest {
  #sum = 0n;
  rows = 0;

  add(row: string): void {
    this.#change(row, 1n);
  }

  takeBack(row: string): void {
    this.#change(row, -1n);
  }

  /** Equal for tables with the same rows. */
  get text(): string {
    return `${this.rows} rows, ${BigInt.asUintN(128, this.#sum).toString(16)}`;
  }

  #change(row: string, sign: 1n | -1n): void {
    const hash = createHash('md5').update(row).digest();
    this.#sum += sign * ((hash.readBigUInt64LE(0) << 64n) | hash.readBigUInt64LE(8));
    this.rows += Number(sign);
  }
}

/**
 * The rows that the changes leave which a `print` sink wrote into a file from byte `start` on: `+I[…]`, `-U[…]`, … Where
 * `keyed`, rows replace those with the same first column.
 */
export async function digestPrinted(file: string, start = 0, keyed = false): Promise<TableDigest> {
  const digest = new TableDigest();
  const held = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(file, { start }) })) {
    const [, kind, row, key] = /^([+-][IUD])(\[([^,\]]*).*\])$/.exec(line) ?? [];
    if (kind === undefined || row === undefined) continue;
    const comes = kind.startsWith('+');
    if (keyed) {
      const before = held.get(key!);
      if (before !== undefined) digest.takeBack(before);
      if (comes) held.set(key!, row);
      else held.delete(key!);
      if (comes) digest.add(row);
    } else if (comes) digest.add(row);
    else digest.takeBack(row);
  }
  return digest;
}

/** The lines of files; `prefixOf` is put before each line of a file. */
export async function digestLines(files: readonly string[], prefixOf: (file: string) => string): Promise<TableDigest> {
  const digest = new TableDigest();
  for (const file of files) {
    const prefix = prefixOf(file);
    for await (const line of createInterface({ input: createReadStream(file) })) digest.add(`${prefix} ${line}`);
  }
  return digest;
}

/** The sums by their first column of the second column of printed inserts. */
export async function digestTotals(file: string, start: number): Promise<TableDigest> {
  const totals = new Map<string, number>();
  for await (const line of createInterface({ input: createReadStream(file, { start }) })) {
    const [, key, count] = /^\+I\[(.*?), (\d+),/.exec(line) ?? [];
    if (key !== undefined) totals.set(key, (totals.get(key) ?? 0) + Number(count));
  }
  const digest = new TableDigest();
  for (const [key, total] of totals) digest.add(`${key} ${total}`);
  return digest;
}
