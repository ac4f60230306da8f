import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Expanded {
  readonly text: string;
  /** It came from a file: never to be shown. */
  readonly secret: boolean;
  /** What is wrong, as the rest of a sentence that begins with the value. */
  readonly problem?: string;
  readonly help?: string;
}

/**
 * The value that a scalar of the configuration stands for: `${NAME}` and `${NAME:-default}` are taken from the
 * environment, `$${` is `${` itself, and a text that begins with `file:` is the content of that file (relative to
 * `folder`) without its last line break.
 */
export function expand(text: string, folder: string, environment: NodeJS.ProcessEnv): Expanded {
  let missing: string | undefined;
  const filled = text.replaceAll(
    /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
    (whole, name?: string, other?: string) => {
      if (name === undefined) return '${';
      const value = environment[name];
      if (value !== undefined && (value !== '' || other === undefined)) return value;
      if (other === undefined) missing ??= name;
      return other ?? whole;
    },
  );
  if (/(?<!\$)\$\{[^}]*$/.test(text)) {
    return {
      text,
      secret: false,
      problem: `a '\${' has no '}'`,
      help: `write '$\${' for the two characters themselves`,
    };
  }
  if (missing !== undefined) {
    return {
      text,
      secret: false,
      problem: `the environment variable '${missing}' is not set`,
      help: `set it, or give a default: \${${missing}:-…}`,
    };
  }
  if (!filled.startsWith('file:')) return { text: filled, secret: false };
  const file = path.resolve(folder, filled.slice('file:'.length));
  try {
    return { text: readFileSync(file, 'utf8').replace(/\r?\n$/, ''), secret: true };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : (error as Error).message;
    return { text, secret: false, problem: `the file '${file}' cannot be read: it ${reason}` };
  }
}
