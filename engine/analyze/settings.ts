import type { Option, OptionValues } from '../connector/options.ts';
import { option } from '../connector/options.ts';
import type { DiagnosticSink, Span } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { findTimeZone } from '../types/time-zone.ts';
import { ignoredSettings, isIgnoredSetting } from './ignored-settings.ts';

/** The settings that mean something here, each declared once; SET, `--set` and the configuration file give them. */
export const settingDeclarations = {
  'pipeline.name': option.string(
    "The job's name and the identity of its checkpoint; the file's name where it is not set.",
  ),
  'table.local-time-zone': {
    ...option.string(
      "Session time zone: an IANA name or an offset such as '+05:30'; the system's where it is not set.",
    ),
    parse: (text: string) =>
      findTimeZone(text.trim()) !== undefined
        ? { value: text.trim() }
        : { expected: "a time zone such as 'UTC' or 'Europe/Berlin'" },
  },
  'table.exec.sink.not-null-enforcer': option.oneOf(
    ['ERROR', 'DROP'],
    'What a NULL in a NOT NULL column of a sink does.',
    {
      default: 'ERROR',
    },
  ),
  'table.exec.sink.type-length-enforcer': option.oneOf(
    ['IGNORE', 'TRIM_PAD', 'ERROR'],
    'What a value does whose length is not that of its CHAR(n), VARCHAR(n), BINARY(n) or VARBINARY(n) in a sink: is written, is cut or padded, or ends the job.',
    { default: 'IGNORE' },
  ),
  'table.exec.sink.nested-constraint-enforcer': option.oneOf(
    ['IGNORE', 'ROWS', 'ROWS_AND_COLLECTIONS'],
    'How far the two enforcers look into the values of columns.',
    { default: 'IGNORE' },
  ),
  'parallelism.default': option.int("Worker threads of a process that share the splits of the job's sources.", {
    default: '1',
    min: 1,
  }),
  'execution.checkpointing.interval': option.duration('Longest time between two commits.'),
  'cryptopipe.worker.timeout': option.duration(
    'Other workers of the job take over from one that says nothing for so long; a worker that is killed is missed at once.',
    { default: '10 s', ours: true },
  ),
  'cryptopipe.dead-letter.table': option.string(
    "The table that takes what tables with 'on-error' = 'dead-letter' cannot read or write.",
    { ours: true },
  ),
  'cryptopipe.late-rows': option.oneOf(
    ['skip', 'dead-letter'],
    "What becomes of rows behind event time besides being counted ('rows_late'): 'dead-letter' keeps them in the table of 'cryptopipe.dead-letter.table'.",
    { default: 'skip', ours: true },
  ),
  'table.exec.state.ttl': option.duration(
    'Joins, aggregates, OVER and ranked rows forget what was not written again for so long, without taking back what was told of them; 0: never.',
    { default: '0 ms' },
  ),
  'cryptopipe.state.memory': option.size(
    'About how much memory the state of one pipeline may take: what GROUP BY, joins (but near in time, temporal and NOT IN), ranked rows and sources of changes remember beyond it moves to a file beside the checkpoints, what was not touched for longest first; not set: all stays in memory.',
    { ours: true },
  ),
  'table.exec.source.idle-timeout': option.duration(
    'Event time does not wait for a split that gave no rows for so long; 0: it waits for ever.',
    { default: '0 ms' },
  ),
  'cryptopipe.errors.max-ratio': {
    ...option.string(
      'Stop the job where more than this share of the last records were rejected: 0.01 is one in a hundred.',
      {
        ours: true,
      },
    ),
    parse: (text: string) => {
      const value = Number(text);
      return text.trim() !== '' && value >= 0 && value <= 1
        ? { value }
        : { expected: "a share from 0 to 1, such as '0.01'" };
    },
  },
  'cryptopipe.restart.max-duration': option.duration(
    'Give up restarting after so long without progress; not set: never.',
    { ours: true },
  ),
} as const;

export type SettingValues = OptionValues<typeof settingDeclarations>;

/** The session's time zone: what was set, or the system's. */
export function timeZoneOf(settings: SettingValues): string {
  return settings['table.local-time-zone'] ?? systemTimeZone();
}

/** How the settings want the constraints of sinks held. */
export function sinkConstraintsOf(settings: SettingValues) {
  return {
    notNull: settings['table.exec.sink.not-null-enforcer'],
    typeLength: settings['table.exec.sink.type-length-enforcer'],
    nesting: settings['table.exec.sink.nested-constraint-enforcer'],
  };
}

let system: string | undefined;

/** Asked once: a file with thousands of statements asks for each of its expressions. */
function systemTimeZone(): string {
  system ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  return system;
}

/** The prefix of options for one table: `cryptopipe.table.NAME.OPTION`. */
export const TABLE_PREFIX = 'cryptopipe.table.';

/** The settings of a session while its file is analyzed. */
export class Settings {
  readonly #texts = new Map<string, string>();
  readonly #fixed: ReadonlySet<string>;
  readonly #values: Record<string, unknown> = {};

  /** `fixed`: from outside (`--set`); SET in the file does not change them. */
  constructor(fixed: ReadonlyMap<string, string> = new Map()) {
    for (const [key, declaration] of declared) this.#values[key] = defaultOf(declaration);
    this.#fixed = new Set(fixed.keys());
  }

  /** Typed values of the declared settings. */
  get values(): SettingValues {
    return this.#values as unknown as SettingValues;
  }

  /** Everything that was set, as text. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts;
  }

  isFixed(key: string): boolean {
    return this.#fixed.has(key);
  }

  /** Sets a key; reports an unknown key as a warning and a bad value as an error. */
  set(key: string, text: string, keySpan: Span, valueSpan: Span, report: DiagnosticSink): void {
    this.#texts.set(key, text);
    const declaration = declared.get(key);
    if (declaration === undefined) {
      if (!isIgnoredSetting(key) && !key.startsWith(TABLE_PREFIX)) {
        report.report(unknownSetting(key, keySpan, this.isFixed(key)));
      }
      return;
    }
    const read = declaration.parse(text);
    if ('value' in read) {
      this.#values[key] = read.value;
      return;
    }
    report.report({
      code: 'bad-setting',
      severity: 'error',
      message: `'${text}' is not a value for '${key}': expected ${read.expected}`,
      span: valueSpan,
    });
  }

  /** RESET of one key, or of all. */
  reset(key?: string): void {
    for (const each of key === undefined ? [...this.#texts.keys()] : [key]) {
      if (this.#fixed.has(each)) continue;
      this.#texts.delete(each);
      const declaration = declared.get(each);
      if (declaration !== undefined) this.#values[each] = defaultOf(declaration);
    }
  }

  /** Options given for a table by `cryptopipe.table.NAME.OPTION`, by option key. */
  ofTable(name: string): Map<string, string> {
    const prefix = `${TABLE_PREFIX}${name}.`;
    const found = [...this.#texts].filter(([key]) => key.startsWith(prefix));
    return new Map(found.map(([key, value]) => [key.slice(prefix.length), value]));
  }
}

const declared: ReadonlyMap<string, Option> = new Map(Object.entries(settingDeclarations as Record<string, Option>));

function defaultOf(declaration: Option): unknown {
  if (declaration.default === undefined) return undefined;
  const read = declaration.parse(declaration.default);
  return 'value' in read ? read.value : undefined;
}

/** What is given from outside cannot be put right in the file. */
function unknownSetting(key: string, span: Span, outside: boolean) {
  const near = suggest(key, [...declared.keys(), ...ignoredSettings]);
  return {
    code: 'unknown-setting',
    severity: 'warning',
    message: `unknown setting '${key}'${outside ? ', which is given from outside of this file' : ''}`,
    span,
    ...(near === undefined ? {} : { help: `did you mean '${near}'?` }),
    ...(near === undefined || outside ? {} : { fix: { span, text: `'${near}'` } }),
  } as const;
}
