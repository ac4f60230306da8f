import type { Diagnostic } from './diagnostic.ts';
import { hideTexts } from './hide-texts.ts';
import type { FileDiagnostics } from './render.ts';

/** Names of options and variables that hold secrets, where no declaration says so. */
export const secretName = /password|passphrase|secret|jaas\.config|token(?!\.endpoint\.url)|api[-_]?key|keystore\.key/i;

/** `'password' = '…'` and the like, also where the '=' is what is missing; `password=…` in a url. */
const patterns = [
  new RegExp(`'[^'\\n]*(?:${secretName.source})[^'\\n]*'\\s*=?\\s*'((?:[^']|'')*)'`, 'gi'),
  /\b(?:password|sslpassword)=([^&'\s]+)/gi,
];
const variable = /^\$\{[^}]*\}$/;
/** Shorter texts occur in messages by chance. */
const SHORTEST = 4;

/**
 * The same diagnostics without the credentials that a file holds literally: blotted out in its text, at the same
 * places, and in messages. Declarations do not help here: a file that cannot be parsed declares nothing.
 */
export function hideSecrets(file: FileDiagnostics): FileDiagnostics {
  if (file.diagnostics.length === 0) return file;
  const { text, secrets } = blotSecrets(file.text);
  if (text === file.text) return file;
  return { ...file, text, diagnostics: file.diagnostics.map((d) => clean(d, secrets)) };
}

/** The text of a job file with the credentials that it holds literally blotted out, at the same places; and those. */
export function blotSecrets(written: string): { readonly text: string; readonly secrets: ReadonlySet<string> } {
  const secrets = new Set<string>();
  let text = written;
  for (const pattern of patterns) {
    text = text.replace(pattern, (match: string, value: string) => {
      if (value === '' || variable.test(value)) return match;
      if (value.length >= SHORTEST) secrets.add(value);
      const at = match.lastIndexOf(value);
      return match.slice(0, at) + value.replace(/[^\n]/g, '*') + match.slice(at + value.length);
    });
  }
  return { text, secrets };
}

function clean(diagnostic: Diagnostic, secrets: ReadonlySet<string>): Diagnostic {
  const hide = hideTexts(secrets);
  const { message, label, help, fix } = diagnostic;
  return {
    ...diagnostic,
    message: hide(message),
    ...(label === undefined ? {} : { label: hide(label) }),
    ...(help === undefined ? {} : { help: hide(help) }),
    ...(fix === undefined ? {} : { fix: { ...fix, text: hide(fix.text) } }),
  };
}
