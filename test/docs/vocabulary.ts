import { readFileSync } from 'node:fs';

const text = readFileSync('docs/operations.md', 'utf8');

/** The rows of the table of metrics in docs/operations.md, as they stand there. */
export function documentedMetrics(): readonly string[] {
  return text.match(/^\| `cryptopipe_.*$/gm) ?? [];
}

/** The names of the events in the table of docs/operations.md. */
export function documentedEvents(): readonly string[] {
  const table = text.slice(text.indexOf('| event |'));
  return [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, names]) =>
    [...names!.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name!),
  );
}
