import path from 'node:path';
import { suggest } from '../../engine/index.ts';
import { UsageError } from '../exit.ts';
import type { Configuration } from './configuration.ts';

/**
 * Throws `UsageError` where a job of the configuration overrides options of a table that none of its files declares.
 * Jobs are looked at whose files are all among `checked`.
 */
export function checkOverrides(
  configuration: Configuration,
  checked: readonly { readonly file: string; readonly tables: readonly string[] }[],
): void {
  const tablesOf = new Map(checked.map(({ file, tables }) => [path.resolve(file), tables]));
  for (const { name, files } of configuration.jobs) {
    if (!files.every((file) => tablesOf.has(file))) continue;
    const tables = files.flatMap((file) => tablesOf.get(file)!);
    const prefix = `jobs.${name}.tables.`;
    for (const value of configuration.values.filter((each) => each.path.startsWith(prefix))) {
      const rest = value.path.slice(prefix.length);
      if (tables.some((table) => rest.startsWith(`${table}.`))) continue;
      const table = rest.split('.')[0]!;
      const near = suggest(table, tables);
      throw new UsageError(
        `${value.origin}: 'jobs.${name}.tables' names the table '${table}', which its files do not declare`,
        near === undefined ? `they declare ${tables.map((t) => `'${t}'`).join(', ')}` : `did you mean '${near}'?`,
      );
    }
  }
}
