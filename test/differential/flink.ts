import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** +I, -U, +U or -D, and the values of the row. */
export type Change = readonly [kind: string, ...values: (string | null)[]];

/** What Flink says to a statement: columns with their types, and every change of a row with its values as text. */
export type FlinkAnswer =
  | {
      readonly columns: readonly (readonly [name: string, type: string])[];
      readonly changes: readonly Change[];
    }
  | { readonly error: string };

/** Packages that Flink opens by reflection. */
const opened = ['lang', 'lang.reflect', 'util', 'util.concurrent', 'net', 'nio', 'time', 'text'];

/** A Flink in a process of its own, asked one statement after another; `close` ends it. */
export class Flink {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(home: string, program: string) {
    const flags = ['-Xmx1g', '-XX:TieredStopAtLevel=1', '-Duser.timezone=UTC', '-Dlog4j2.level=OFF'];
    const opens = opened.flatMap((name) => ['--add-opens', `java.base/java.${name}=ALL-UNNAMED`]);
    this.#process = spawn('java', [...flags, ...opens, '-cp', `${home}/lib/*`, program], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** Starts the Flink of a folder that holds `lib/`; `program` is AskFlink.java. */
  static async start(home: string, program: string): Promise<Flink> {
    const flink = new Flink(home, program);
    await flink.#next();
    return flink;
  }

  /** Forgets all tables. */
  async forget(): Promise<void> {
    await this.#send({ fresh: true });
  }

  /** Runs a statement to its end, in streaming mode. */
  async ask(sql: string): Promise<FlinkAnswer> {
    return JSON.parse(await this.#send({ sql })) as FlinkAnswer;
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }

  async #send(request: object): Promise<string> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    return this.#next();
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('Flink ended: is this a folder with Flink 2.2, and is java 17 there?');
    return value;
  }
}
