import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { OptionText } from './read-option.ts';

/** Option keys of Flink 1.10 and before, as they still stand in scripts, and what is written since. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['connector.type', "'connector'"],
  ['connector.topic', "'topic'"],
  ['connector.startup-mode', "'scan.startup.mode'"],
  ['connector.properties.bootstrap.servers', "'properties.bootstrap.servers'"],
  ['connector.properties.group.id', "'properties.group.id'"],
  ['connector.url', "'url'"],
  ['connector.table', "'table-name'"],
  ['connector.username', "'username'"],
  ['connector.password', "'password'"],
  ['connector.driver', "'driver'"],
  ['connector.write.flush.max-rows', "'sink.buffer-flush.max-rows'"],
  ['connector.write.flush.interval', "'sink.buffer-flush.interval'"],
  ['connector.write.max-retries', "'sink.max-retries'"],
  ['connector.path', "'path'"],
  ['format.type', "'format'"],
]);

/** The diagnostic for an option key of Flink 1.10, or undefined where the key is none. */
export function legacyOption(text: OptionText): Diagnostic | undefined {
  const now = renamed.get(text.key);
  const old = now !== undefined || /^(connector\.|format\.)/.test(text.key) || text.key === 'update-mode';
  if (!old) return undefined;
  const gone = text.key.startsWith('format.')
    ? "options of a format are written with its name in front, e.g. 'json.ignore-parse-errors'"
    : 'remove it: Flink derives it since 1.11';
  return {
    code: 'unknown-option',
    severity: 'error',
    message: `'${text.key}' is an option of Flink 1.10 and before`,
    span: text.keySpan,
    help: now === undefined ? gone : `write ${now}`,
    ...(now === undefined ? {} : { fix: { span: text.keySpan, text: now } }),
  };
}
