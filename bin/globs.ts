import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * The files of arguments that a shell left as patterns: `*` and `?` within a name, `**` over folders. A pattern that
 * names an existing file is that file; one without a match stays and is told as a missing file.
 */
export function expandGlobs(patterns: readonly string[]): string[] {
  return [...new Set(patterns.flatMap(expand))];
}

function expand(pattern: string): string[] {
  if (!/[*?]/.test(pattern) || existsSync(pattern)) return [pattern];
  const parts = pattern.split('/');
  const fixed = parts.findIndex((part) => /[*?]/.test(part));
  const root = parts.slice(0, fixed).join('/') || (pattern.startsWith('/') ? '/' : '.');
  if (!existsSync(root)) return [pattern];
  const wanted = matcher(parts.slice(fixed));
  const found = readdirSync(root, { recursive: wanted.deep, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((name) => wanted.pattern.test(name) && !name.includes('node_modules/'))
    .sort()
    .map((name) => (fixed === 0 ? name : path.join(root, name)));
  return found.length === 0 ? [pattern] : found;
}

function matcher(parts: readonly string[]): { readonly pattern: RegExp; readonly deep: boolean } {
  const source = parts.map((part, i) => {
    const last = i === parts.length - 1;
    if (part === '**') return last ? '.*' : '(?:[^/]+/)*';
    const name = part
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]');
    return last ? name : `${name}/`;
  });
  return { pattern: new RegExp(`^${source.join('')}$`), deep: parts.length > 1 };
}
