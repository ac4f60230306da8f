import { readFileSync } from 'node:fs';
import path from 'node:path';
import { blotSecrets, type Diagnostic, parseDuration, secretName, suggest } from '../../engine/index.ts';
import { UsageError } from '../exit.ts';
import { checkConfiguration, limitOf } from './check.ts';
import type {
  AlertReceiver,
  AlertRule,
  Configuration,
  ConfiguredJob,
  ConfiguredValue,
  LogLevel,
} from './configuration.ts';
import { findConfiguration } from './find.ts';
import type { ReadConfiguration } from './read-file.ts';
import { isTree, merge, type Tree } from './tree.ts';

/** Flags that say which configuration applies, and those that are stronger than it. */
export interface ConfigurationFlags {
  readonly config?: string;
  readonly profile?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
  readonly port?: string;
  readonly host?: string;
}

/** A configuration, or a file with what is wrong in it. */
export type LoadedConfiguration =
  | { readonly configuration: Configuration }
  | { readonly file: string; readonly text: string; readonly diagnostics: readonly Diagnostic[] };

/** Values that a flag or a variable of the environment can give too. */
const scalars = [
  { path: 'logging.level', flag: 'logLevel', variable: 'CRYPTOPIPE_LOG_LEVEL', default: 'info' },
  { path: 'logging.format', flag: 'logFormat', variable: 'CRYPTOPIPE_LOG_FORMAT' },
  { path: 'http.port', flag: 'port', variable: 'CRYPTOPIPE_PORT' },
  { path: 'http.host', flag: 'host', variable: 'CRYPTOPIPE_HOST', default: '127.0.0.1' },
  { path: 'http.token', variable: 'CRYPTOPIPE_TOKEN', secret: true },
] as const satisfies readonly {
  path: string;
  flag?: keyof ConfigurationFlags;
  variable: string;
  default?: string;
  secret?: true;
}[];

/**
 * The configuration that applies to some job files: of `--config` (or CRYPTOPIPE_CONFIG), or else the nearest
 * `cryptopipe.yaml` upwards from the first of them. Throws `UsageError` where that file or the profile does not exist.
 */
export async function loadConfiguration(
  flags: ConfigurationFlags,
  jobs: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<LoadedConfiguration> {
  const named = flags.config ?? environment.CRYPTOPIPE_CONFIG;
  const near = jobs.find((file) => file !== '-');
  const file =
    named === undefined ? findConfiguration(near === undefined ? '.' : path.dirname(near)) : path.resolve(named);
  const profile = flags.profile ?? environment.CRYPTOPIPE_PROFILE;
  if (file === undefined) {
    if (profile !== undefined) throw new UsageError(`no profile '${profile}': there is no cryptopipe.yaml`);
    return { configuration: assemble({ flags, environment, file, profile, base: {}, over: {}, read: undefined }) };
  }
  const text = readText(file);
  const { readConfiguration } = await import('./read-file.ts');
  const read = readConfiguration(file, text, environment);
  const { registry } = await import('../../connectors/index.ts');
  const connectors = registry.connectors.map(({ name }) => name);
  const diagnostics = [...read.diagnostics, ...checkConfiguration(read, connectors)].sort(
    (a, b) => a.span.start - b.span.start,
  );
  if (diagnostics.length > 0) return { file: path.relative('.', file), text, diagnostics };
  const { profiles = {}, ...base } = read.content as { profiles?: Readonly<Record<string, Tree>> };
  if (profile !== undefined && profiles[profile] === undefined) {
    const other = suggest(profile, Object.keys(profiles));
    throw new UsageError(
      `no profile '${profile}' in '${path.relative('.', file)}'`,
      other === undefined ? undefined : `did you mean '${other}'?`,
    );
  }
  const over = profile === undefined ? {} : profiles[profile]!;
  return { configuration: assemble({ flags, environment, file, profile, base, over, read }) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`no configuration file '${file}'`);
    throw new UsageError(`'${file}' cannot be read: ${(error as Error).message}`);
  }
}

interface Parts {
  readonly flags: ConfigurationFlags;
  readonly environment: NodeJS.ProcessEnv;
  readonly file: string | undefined;
  readonly profile: string | undefined;
  readonly base: Tree;
  readonly over: Tree;
  readonly read: ReadConfiguration | undefined;
}

function assemble(parts: Parts): Configuration {
  const { flags, environment, file, profile, read } = parts;
  const folder = file === undefined ? '.' : path.dirname(file);
  const values: ConfiguredValue[] = [];
  const name = file === undefined ? '' : path.basename(file);
  const originOf = (at: readonly string[]) => {
    const inProfile = profile === undefined ? undefined : read?.lineOf(['profiles', profile, ...at]);
    return inProfile === undefined ? `${name}:${read?.lineOf(at) ?? 1}` : `profile ${profile} (${name}:${inProfile})`;
  };
  const merged = merge(parts.base, parts.over) as Tree;
  const scalar = (entry: (typeof scalars)[number]): string | undefined => {
    const at = entry.path.split('.');
    const given = 'flag' in entry ? flags[entry.flag] : undefined;
    const inherited = environment[entry.variable];
    const configured = valueAt(merged, at);
    const flagName = 'flag' in entry ? `--${entry.flag.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}` : '';
    const found =
      given !== undefined
        ? { value: given, origin: flagName }
        : inherited !== undefined && inherited !== ''
          ? { value: inherited, origin: entry.variable }
          : configured !== undefined
            ? { value: String(configured), origin: originOf(at) }
            : 'default' in entry
              ? { value: entry.default, origin: 'default' }
              : undefined;
    if (found !== undefined) values.push({ path: entry.path, ...found, secret: 'secret' in entry });
    return found?.value;
  };
  const [level, format, port, host, token] = scalars.map(scalar);
  for (const leaf of leavesOf(merged)) {
    const dotted = leaf.at.join('.');
    if (scalars.some((entry) => entry.path === dotted)) continue;
    const isVariable = leaf.at[0] === 'variables' && environment[leaf.at[1]!] !== undefined;
    const value = isVariable ? environment[leaf.at[1]!]! : leaf.value;
    values.push({
      path: dotted,
      value,
      origin: isVariable ? leaf.at[1]! : originOf(leaf.at),
      secret: read?.secrets.includes(value) === true || isSecretPath(leaf.at) || blotSecrets(value).text !== value,
    });
  }
  const secrets = new Set([...(read?.secrets ?? []), ...values.flatMap((v) => (v.secret ? [v.value] : []))]);
  const components = Object.entries((valueAt(merged, ['logging', 'components']) ?? {}) as Record<string, LogLevel>);
  return {
    file,
    profile,
    variables: new Map(Object.entries((merged.variables ?? {}) as Record<string, string>)),
    secrets: [...secrets].filter((s) => s.length > 0),
    jobs: Object.entries((merged.jobs ?? {}) as Record<string, JobSection>).map(([job, s]) => jobOf(job, s, folder)),
    logging: {
      level: oneOf(['debug', 'info', 'warn', 'error'], level, 'log level') ?? 'info',
      format: oneOf(['pretty', 'json'], format, 'log format'),
      components: new Map(components),
    },
    http: { port: portOf(port), host: host ?? '127.0.0.1', token },
    alerts: alertsOf((merged.alerts ?? {}) as AlertSections),
    values: values.sort((a, b) => a.path.localeCompare(b.path)),
  };
}

/** Values from the environment pass no schema: they are checked here. */
function oneOf<const V extends readonly string[]>(
  allowed: V,
  text: string | undefined,
  what: string,
): V[number] | undefined {
  if (text === undefined || allowed.includes(text)) return text;
  throw new UsageError(`'${text}' is not a ${what}`, `expected one of ${allowed.map((v) => `'${v}'`).join(', ')}`);
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new UsageError(`'${text}' is not a port`, 'expected a number from 0 to 65535');
  return port;
}

interface JobSection {
  readonly files: readonly string[];
  readonly parallelism?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly tables?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function jobOf(name: string, section: JobSection, folder: string): ConfiguredJob {
  const options = Object.entries(section.tables ?? {}).flatMap(([table, given]) =>
    Object.entries(given).map(([key, value]) => [`cryptopipe.table.${table}.${key}`, value] as const),
  );
  return {
    name,
    files: section.files.map((file) => path.resolve(folder, file)),
    settings: new Map([
      ...Object.entries(section.settings ?? {}),
      ...(section.parallelism === undefined ? [] : [['parallelism.default', String(section.parallelism)] as const]),
      ...options,
    ]),
  };
}

interface AlertSections {
  readonly receivers?: Readonly<Record<string, Partial<AlertReceiver> & { readonly url: string }>>;
  readonly rules?: Readonly<Record<string, RuleSection>>;
}

type RuleSection = { readonly [K in keyof Omit<AlertRule, 'when' | 'to'>]?: string } & Pick<AlertRule, 'when'> & {
    readonly to?: readonly string[];
  };

function alertsOf({ receivers = {}, rules = {} }: AlertSections): Configuration['alerts'] {
  return {
    receivers: new Map(
      Object.entries(receivers).map(([name, r]) => [name, { format: 'json', headers: {}, ...r } as AlertReceiver]),
    ),
    rules: Object.entries(rules).map(([name, rule]): AlertRule => {
      const over = limitOf(rule.when, rule.over) ?? 0;
      return {
        name,
        when: rule.when,
        over,
        under: limitOf(rule.when, rule.under) ?? over,
        for: parseDuration(rule.for ?? '1 min')!,
        ...(rule.job === undefined ? {} : { job: rule.job }),
        to: rule.to ?? Object.keys(receivers),
      };
    }),
  };
}

function valueAt(tree: unknown, at: readonly string[]): unknown {
  return at.reduce((value, key) => (isTree(value) ? value[key] : undefined), tree);
}

function leavesOf(tree: Tree, at: readonly string[] = []): { at: readonly string[]; value: string }[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value)
      ? leavesOf(value, [...at, key])
      : [{ at: [...at, key], value: Array.isArray(value) ? value.join(', ') : String(value) }],
  );
}

function isSecretPath(at: readonly string[]): boolean {
  if (secretName.test(at.at(-1)!)) return true;
  return at[0] === 'alerts' && at[1] === 'receivers' && (at[3] === 'url' || at[3] === 'headers');
}
