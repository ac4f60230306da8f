import type { Diagnostic, DiagnosticSink, Span } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { type BoundFormat, bindFormat } from './bind-format.ts';
import { idleTimeoutOf, optionsOf } from './common-options.ts';
import type { ConnectorContext } from './context.ts';
import type { Connector, Kept, MetadataColumn, ReportOption, TableUse } from './define.ts';
import type { Format } from './format.ts';
import { legacyOption } from './legacy-options.ts';
import type { Lookup } from './lookup.ts';
import type { Option, OptionDeclarations, Role } from './options.ts';
import { type OptionText, readOption, suggestOption } from './read-option.ts';
import { rejectPolicy, wantsDeadLetters } from './rejection.ts';
import type { ScanFilter } from './scan-filter.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import type { TableShape } from './table.ts';

/** The explicit lists that an engine works with: an argument, never an import. */
export interface Registry {
  readonly connectors: readonly Connector[];
  readonly formats: readonly Format[];
}

/** A declared table whose WITH clause was read; `use` adds what only matters in one role. */
export interface BoundTable {
  readonly table: TableShape;
  readonly connector: string;
  readonly metadata: Readonly<Record<string, MetadataColumn>>;
  /** Options as written, secrets as ***; for plans, DESCRIBE and logs. */
  readonly options: ReadonlyMap<string, string>;
  /** The values of secret options: never to be printed. */
  readonly secrets: readonly string[];
  /**
   * The table in one role, or undefined after reporting what is missing; `at` is where it is used. 'lookup': a source
   * that is asked for the rows of keys.
   */
  use(role: Role | 'lookup', at: Span, report: DiagnosticSink): BoundConnector | undefined;
}

/** A connector with its options parsed, ready to be created; no I/O yet. */
export interface BoundConnector {
  readonly name: string;
  readonly role: Role;
  readonly options: ReadonlyMap<string, string>;
  /** Whether a source ends by itself. */
  readonly bounded: boolean;
  /** false: a source that cannot be read again from an earlier position. */
  readonly replayable?: boolean;
  /** true: a sink that was asked to write each row once. */
  readonly exactlyOnce?: boolean;
  /** true: a sink that goes on without rows that hold NULL where it may not be. */
  readonly rejectsNulls?: boolean;
  /** What outlives the process when the sink has committed. */
  readonly keeps: Kept;
  /** true: its options ask for dead letters. */
  readonly deadLetters?: boolean;
  /** Milliseconds after which event time does not wait for a split without rows, where the table says. */
  readonly idleTimeout?: number | undefined;
  /** What the rows of a source are. */
  readonly gives: 'append' | 'upsert';
  /** What a sink takes. */
  readonly accepts: 'append' | 'upsert' | 'retract';
  /** `filters`: those that it takes. */
  createSource(wanted: readonly number[], context: ConnectorContext, filters?: readonly ScanFilter[]): Source;
  /** Whether a source makes use of a filter. */
  takesFilter(filter: ScanFilter): boolean;
  createSink(written: readonly number[], context: ConnectorContext): Sink;
  createLookup(keys: readonly number[], wanted: readonly number[], context: ConnectorContext): Lookup;
  /** What the outside has against this use of the table (`validate --connect`), at its options; changes nothing there. */
  inspect(columns: readonly number[], context: ConnectorContext): Promise<readonly Diagnostic[]>;
  /** The statements that create what the sink writes to, for `cryptopipe ddl`; undefined where there are none. */
  ddl(written: readonly number[]): string | undefined;
}

/**
 * Reads the WITH clause of a table against the declarations of its connector and formats and reports all that is wrong
 * with it. `at` is the span of the table's name. Undefined only where the connector itself is missing or unknown.
 */
export function bindTable(
  registry: Registry,
  table: TableShape,
  written: readonly OptionText[],
  at: Span,
  report: DiagnosticSink,
): BoundTable | undefined {
  const connector = findConnector(registry, table, written, at, report);
  if (connector === undefined) return undefined;

  const declarations = optionsOf(connector);
  const values: Record<string, unknown> = {};
  const spans = new Map<string, OptionText>();
  const bad = new Set<string>();
  /** What keys that nothing declares seem to mean. */
  const misspelt = new Set<string>();
  const options = new Map<string, string>();
  const secrets: string[] = [];
  const formats = new Map<string, BoundFormat>();
  const formatPrefixes: string[] = [];

  const texts = lastOfEach(written.filter((o) => o.key !== 'connector' && o.key !== 'property-version'));
  for (const [key, declaration] of Object.entries(declarations)) {
    if (declaration.kind === 'others') values[key] = new Map<string, string>();
    else if (declaration.default !== undefined) values[key] = readDefault(declaration);
    if (declaration.kind !== 'format') continue;
    const text = texts.get(key);
    if (text === undefined) continue;
    const prefix = `${key.slice(0, -'format'.length)}${text.value.trim()}.`;
    formatPrefixes.push(prefix);
    const own = [...texts.values()].filter((o) => o.key.startsWith(prefix));
    const format = bindFormat(registry.formats, text, prefix, own, report);
    if (format === undefined) bad.add(key);
    else formats.set(key, format);
  }
  for (const [key, text] of texts) {
    spans.set(key, text);
    if (formatPrefixes.some((prefix) => key.startsWith(prefix))) {
      options.set(key, text.value);
      continue;
    }
    const declared = declarationOf(declarations, key);
    if (declared === undefined) {
      const meant = reportUnknown(registry, connector, [...texts.keys()], text, report);
      if (meant !== undefined) misspelt.add(meant);
      continue;
    }
    const [name, declaration] = declared;
    const secret = declaration.secret || (declaration.secretKeys?.test(key) ?? false);
    options.set(key, secret ? '***' : (declaration.redact?.(text.value) ?? text.value));
    if (secret) secrets.push(text.value);
    if (declaration.kind === 'others') {
      (values[name] as Map<string, string>).set(key.slice(name.length - 1), text.value);
      continue;
    }
    const value = readOption(declaration, text, report);
    if (value === undefined) bad.add(key);
    else values[key] = value.value;
  }

  const use: TableUse<OptionDeclarations> = { table, options: values, formats };
  /** Uses against which nothing was said: the next of the same role is the same. */
  const uses = new Map<Role | 'lookup', BoundConnector>();
  return {
    table,
    connector: connector.name,
    metadata: connector.metadata ?? {},
    options,
    secrets,
    use: (asked, usedAt, sink) => {
      const known = uses.get(asked);
      if (known !== undefined) return known;
      const role = asked === 'lookup' ? 'source' : asked;
      const fits = checkRole(connector, table, asked, usedAt, sink);
      const complete = checkRequired(connector, declarations, spans, misspelt, role, at, sink);
      if (!fits || !complete || bad.size > 0) return undefined;
      let ok = true;
      let silent = true;
      const locate = (take: (diagnostic: Diagnostic) => void) => reporter(spans, at, take);
      connector.check?.(
        use,
        role,
        locate((diagnostic) => {
          if (diagnostic.severity === 'error') ok = false;
          silent = false;
          sink.report(diagnostic);
        }),
      );
      if (!ok) return undefined;
      const used = bound(connector, use, role, options, locate);
      if (silent) uses.set(asked, used);
      return used;
    },
  };
}

/** Puts what a connector says about its options at their places in the file. */
function reporter(
  spans: ReadonlyMap<string, OptionText>,
  at: Span,
  take: (diagnostic: Diagnostic) => void,
): ReportOption {
  return ({ key, code, severity, message, help }) => {
    const span = key === undefined ? at : (spans.get(key)?.valueSpan ?? at);
    const base = { code: code ?? 'bad-option', severity: severity ?? 'error', message, span } as const;
    take(help === undefined ? base : { ...base, help });
  };
}

function bound(
  connector: Connector,
  use: TableUse<OptionDeclarations>,
  role: Role,
  options: ReadonlyMap<string, string>,
  locate: (take: (diagnostic: Diagnostic) => void) => ReportOption,
): BoundConnector {
  return {
    name: connector.name,
    role,
    options,
    bounded: connector.bounded?.(use.options) ?? false,
    replayable: connector.replayable ?? true,
    exactlyOnce: connector.exactlyOnce?.(use.options) ?? false,
    keeps: connector.keeps?.(use.options) ?? 'rows',
    deadLetters: wantsDeadLetters(connector.options, use.options),
    rejectsNulls:
      Object.hasOwn(connector.options, 'on-error.constraint') && rejectPolicy(use.options)('constraint') !== 'fail',
    ...(idleTimeoutOf(use.options) === undefined ? {} : { idleTimeout: idleTimeoutOf(use.options) }),
    gives: connector.gives?.(use.options) ?? 'append',
    accepts: connector.accepts?.(use.table) ?? 'append',
    takesFilter: (filter) => connector.takesFilter?.(use, filter) ?? false,
    createSource: (wanted, context, filters = []) => {
      if (connector.createSource === undefined) throw new Error(`connector '${connector.name}' is no source`);
      return connector.createSource(use, wanted, context, filters);
    },
    createLookup: (keys, wanted, context) => {
      if (connector.createLookup === undefined) throw new Error(`connector '${connector.name}' looks nothing up`);
      return connector.createLookup(use, keys, wanted, context);
    },
    createSink: (written, context) => {
      if (connector.createSink === undefined) throw new Error(`connector '${connector.name}' is no sink`);
      return connector.createSink(use, written, context);
    },
    inspect: async (columns, context) => {
      const found: Diagnostic[] = [];
      await connector.inspect?.(
        use,
        role,
        columns,
        context,
        locate((diagnostic) => found.push(diagnostic)),
      );
      return found;
    },
    ddl: (written) => connector.ddl?.(use, written),
  };
}

function misspeltConnector({ name }: TableShape, { key, keySpan }: OptionText): Diagnostic {
  return {
    code: 'missing-connector',
    severity: 'error',
    message: `table '${name}' has no 'connector' option, but '${key}'`,
    span: keySpan,
    help: "did you mean 'connector'?",
    fix: { span: keySpan, text: "'connector'" },
  };
}

function findConnector(
  registry: Registry,
  table: TableShape,
  written: readonly OptionText[],
  at: Span,
  report: DiagnosticSink,
): Connector | undefined {
  const text = written.findLast((o) => o.key === 'connector');
  if (text === undefined) {
    const legacy = written.map((o) => legacyOption(o)).find((d) => d !== undefined);
    const misspelt = written.find(({ key }) => suggest(key, ['connector']) !== undefined);
    report.report(
      legacy ??
        (misspelt && misspeltConnector(table, misspelt)) ?? {
          code: 'missing-connector',
          severity: 'error',
          message: `table '${table.name}' has no 'connector' option`,
          span: at,
          help: `add WITH ('connector' = '…') with one of: ${registry.connectors.map((c) => c.name).join(', ')}`,
        },
    );
    return undefined;
  }
  const connector = registry.connectors.find((c) => c.name === text.value.trim());
  if (connector === undefined) {
    const names = registry.connectors.map((c) => c.name);
    const near = suggest(text.value, names);
    report.report({
      code: 'unknown-connector',
      severity: 'error',
      message: `unknown connector '${text.value}'`,
      span: text.valueSpan,
      help: near === undefined ? `known connectors: ${names.join(', ')}` : `did you mean '${near}'?`,
      ...(near === undefined ? {} : { fix: { span: text.valueSpan, text: `'${near}'` } }),
    });
  }
  return connector;
}

/** The declaration that takes a key: its own, or that of the longest prefix such as 'properties.*'. */
function declarationOf(declarations: OptionDeclarations, key: string): [string, Option] | undefined {
  const exact = declarations[key];
  if (exact !== undefined && Object.hasOwn(declarations, key)) return [key, exact];
  const prefixes = Object.keys(declarations).filter((k) => k.endsWith('*') && key.startsWith(k.slice(0, -1)));
  const name = prefixes.sort((a, b) => b.length - a.length)[0];
  return name === undefined || key.length < name.length ? undefined : [name, declarations[name]!];
}

function lastOfEach(written: readonly OptionText[]): Map<string, OptionText> {
  return new Map(written.map((o) => [o.key, o]));
}

const defaults = new WeakMap<Option, unknown>();

/** Read once: a file may have hundreds of tables. */
function readDefault(declaration: Option): unknown {
  if (defaults.has(declaration)) return defaults.get(declaration);
  const read = declaration.parse(declaration.default!);
  if ('value' in read) {
    defaults.set(declaration, read.value);
    return read.value;
  }
  throw new Error(`the default '${declaration.default}' of an option is not accepted by the option itself`);
}

/** Reports a key that nothing declares; the key that is meant, where it seems to be a misspelling. */
function reportUnknown(
  registry: Registry,
  connector: Connector,
  given: readonly string[],
  text: OptionText,
  report: DiagnosticSink,
): string | undefined {
  const legacy = legacyOption(text);
  if (legacy !== undefined) {
    report.report(legacy);
    return undefined;
  }
  const known = Object.keys(optionsOf(connector)).filter((k) => !k.endsWith('*'));
  // Without its format nothing is known about the options of one.
  const [prefix] = text.key.split('.');
  const takesFormat = known.includes('format') && registry.formats.some(({ name }) => name === prefix);
  if (takesFormat && !given.includes('format') && !given.includes('value.format')) return undefined;
  const diagnostic = suggestOption(`connector '${connector.name}'`, text, known, given);
  report.report(diagnostic);
  return diagnostic.fix?.text.slice(1, -1);
}

function checkRole(
  connector: Connector,
  table: TableShape,
  role: Role | 'lookup',
  at: Span,
  report: DiagnosticSink,
): boolean {
  const able = { source: connector.createSource, sink: connector.createSink, lookup: connector.createLookup }[role];
  if (able !== undefined) return true;
  if (role === 'lookup') {
    report.report({
      code: 'wrong-role',
      severity: 'error',
      message: `table '${table.name}' cannot be looked up: connector '${connector.name}' has no rows by key`,
      span: at,
      help: "a table of connector 'jdbc' can be asked FOR SYSTEM_TIME AS OF a processing time",
    });
    return false;
  }
  const verb = role === 'source' ? 'read' : 'written';
  report.report({
    code: 'wrong-role',
    severity: 'error',
    message: `table '${table.name}' cannot be ${verb}: connector '${connector.name}' is only a ${role === 'source' ? 'sink' : 'source'}`,
    span: at,
  });
  return false;
}

function checkRequired(
  connector: Connector,
  declarations: OptionDeclarations,
  given: ReadonlyMap<string, OptionText>,
  misspelt: ReadonlySet<string>,
  role: Role,
  at: Span,
  report: DiagnosticSink,
): boolean {
  const missing = Object.entries(declarations)
    .filter(([key, d]) => (d.required === true || d.required === role) && !given.has(key))
    .map(([key]) => key);
  for (const key of missing) {
    if (misspelt.has(key)) continue;
    report.report({
      code: 'missing-option',
      severity: 'error',
      message: `connector '${connector.name}' needs the option '${key}'`,
      span: at,
      help: `add '${key}' = '…': ${declarations[key]!.doc}`,
    });
  }
  return missing.length === 0;
}
