import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { SceneTable } from './scene.ts';
import type { Question } from './test-text.ts';

/** +I, -U, +U or -D, and the values of the row. */
export type Change = readonly [kind: string, ...values: (string | null)[]];

/** What Flink says to a question: columns with their types, and every change of a row with its values as text. */
export type FlinkAnswer =
  | {
      readonly columns: readonly (readonly [name: string, type: string])[];
      readonly changes: readonly Change[];
    }
  | { readonly error: string };

/** Packages that Flink opens by reflection. */
const opened = ['lang', 'lang.reflect', 'util', 'util.concurrent', 'net', 'nio', 'time', 'text'];

/** A Flink in a process of its own; `close` ends it. */
export class Flink {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(classpath: string) {
    const flags = [
      '-Xmx1g',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Duser.timezone=UTC',
      '-Dlog4j2.level=OFF',
    ];
    const opens = opened.flatMap((name) => ['--add-opens', `java.base/java.${name}=ALL-UNNAMED`]);
    this.#process = spawn('java', [...flags, ...opens, '-cp', classpath, 'AskFlink'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** Starts the Flink of a folder that holds `lib/` with the program of another, compiled into `classes`. */
  static async start(home: string, program: string, classes: string): Promise<Flink> {
    const jars = path.join(home, 'lib', '*');
    const files = readdirSync(program).map((file) => path.join(program, file));
    execFileSync('javac', ['-nowarn', '-d', classes, '-cp', jars, ...files], { stdio: 'inherit' });
    const flink = new Flink(`${classes}${path.delimiter}${jars}`);
    await flink.#next();
    return flink;
  }

  /** Answers to questions about tables, each in streaming mode over their rows. */
  async ask(tables: readonly SceneTable[], questions: readonly Question[]): Promise<readonly FlinkAnswer[]> {
    const given = tables.map(({ rows, ...table }) => ({
      ...table,
      rows: rows.map(({ values, deleted }) => [deleted, ...table.columns.map(([name]) => values[name] ?? null)]),
    }));
    this.#process.stdin!.write(`${JSON.stringify({ tables: given, questions })}\n`);
    return JSON.parse(await this.#next()) as FlinkAnswer[];
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('Flink ended: is this a folder with Flink 2.2, and is a JDK 17 there?');
    return value;
  }
}
