import { blotSecrets, type CheckedJob, hideTexts, highlight } from '../../engine/index.ts';

/** Shorter secrets occur in texts by chance. */
const SHORTEST = 4;
const HIDDEN = '***';

/** Takes secrets out of what is shown. */
export interface Redaction {
  /** What is hidden. */
  readonly secrets: readonly string[];
  text(text: string): string;
  /** Secrets are overwritten, so that places and lengths stay. */
  bytes(bytes: Uint8Array): Uint8Array;
  /** The text of the job itself. */
  sql(text: string): string;
}

/**
 * The redaction of what running jobs show. A secret that equals an option shown anyway (user 'postgres', password
 * 'postgres') is hidden where it is the secret and not where it is that option.
 */
export function createRedaction(jobs: readonly CheckedJob[], others: readonly string[]): Redaction {
  const options = jobs.flatMap(({ tables }) => tables.flatMap((table) => [...table.options]));
  const shown = new Set(options.map(([, value]) => value));
  const secretKeys = new Set(options.flatMap(([key, value]) => (value === HIDDEN ? [key] : [])));
  const secrets = [...new Set([...jobs.flatMap((job) => job.secrets), ...others])]
    .filter((secret) => secret.length >= SHORTEST && !shown.has(secret))
    // The longer first: one may be part of another.
    .sort((a, b) => b.length - a.length);
  const text = hideTexts(secrets);
  const encoded = secrets.map((secret) => Buffer.from(secret).toString('latin1'));
  return {
    secrets,
    text,
    bytes: (bytes) => {
      const plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
      return Buffer.from(
        encoded.reduce((t, secret) => t.replaceAll(secret, '*'.repeat(secret.length)), plain),
        'latin1',
      );
    },
    sql: (sql) => text(hideOptions(blotSecrets(sql).text, secretKeys)),
  };
}

/** Values of secret options, and defaults of the variables that hold them. */
function hideOptions(sql: string, keys: ReadonlySet<string>): string {
  const spans = highlight(sql).filter(({ kind }) => kind !== 'comment');
  let result = '';
  let end = 0;
  spans.forEach((span, i) => {
    const key = spans[i - 2];
    if (span.kind !== 'string' || key?.kind !== 'string' || sql.slice(spans[i - 1]!.start, spans[i - 1]!.end) !== '=')
      return;
    if (!isSecret(sql.slice(key.start + 1, key.end - 1), keys)) return;
    const value = sql.slice(span.start + 1, span.end - 1);
    const variable = /^\$\{\w+(?=[:}])/.exec(value);
    const hidden = variable === null ? HIDDEN : `${variable[0]}${value.includes(':') ? `:-${HIDDEN}` : ''}}`;
    result += `${sql.slice(end, span.start)}'${hidden}'`;
    end = span.end;
  });
  return result + sql.slice(end);
}

/** A key of WITH, or of a setting such as 'cryptopipe.table.NAME.password'. */
function isSecret(key: string, secrets: ReadonlySet<string>): boolean {
  return secrets.has(key) || [...secrets].some((secret) => key.endsWith(`.${secret}`));
}
