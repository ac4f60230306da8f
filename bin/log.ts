import { hideTexts, type Log } from '../engine/index.ts';

export interface LogOptions {
  readonly format: 'pretty' | 'json';
  readonly level: string;
  /** Levels of single components: a connector, or 'runtime' for all else. */
  readonly components?: ReadonlyMap<string, string>;
  /** Texts that must never be printed. */
  readonly secrets: readonly string[];
  /** Is told every event, whatever the level, with secrets hidden. */
  readonly watch?: (level: keyof Levels, event: string, fields: Readonly<Record<string, unknown>>) => void;
}

type Levels = Omit<Log, 'component'>;

/**
 * The program's log on standard error: one JSON object per line, or readable lines on a terminal. Every field passes
 * through the redaction of secrets, whoever logged it.
 */
export async function createLog(options: LogOptions): Promise<Log> {
  const { default: pino } = await import('pino');
  const hide = hideTexts(options.secrets);
  const settings = {
    level: options.level,
    base: null,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const stream =
    options.format === 'json'
      ? pino.destination({ dest: 2, sync: true })
      : (await import('pino-pretty')).default({
          destination: 2,
          sync: true,
          colorize: process.stderr.isTTY && process.env.NO_COLOR === undefined,
          messageKey: 'event',
          translateTime: 'SYS:HH:MM:ss.l',
        });
  const logger = pino(settings, stream);
  // Texts before they are written as JSON, where a quote in a secret would look different.
  const hidden = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? hide(value) : typeof value === 'bigint' ? String(value) : value;
  const clean = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
    JSON.parse(JSON.stringify(fields, hidden)) as Record<string, unknown>;
  const logOf = (component: string | undefined): Log => {
    const level = options.components?.get(component ?? 'runtime') ?? options.level;
    const child = logger.child(component === undefined ? {} : { component }, { level });
    const at =
      (severity: 'debug' | 'info' | 'warn' | 'error') =>
      (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
        const shown = child.isLevelEnabled(severity);
        if (!shown && options.watch === undefined) return;
        const cleaned = clean(fields);
        if (shown) child[severity](cleaned, event);
        options.watch?.(severity, event, component === undefined ? cleaned : { component, ...cleaned });
      };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), component: logOf };
  };
  return logOf(undefined);
}
