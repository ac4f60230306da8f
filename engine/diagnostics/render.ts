import type { Diagnostic } from './diagnostic.ts';
import { hideSecrets } from './hide-secrets.ts';
import { renderGithub } from './render-github.ts';
import { renderJson } from './render-json.ts';
import { renderSarif } from './render-sarif.ts';
import { renderText } from './render-text.ts';

/** A job file and what was found in it. `file` is the path as the user gave it. */
export interface FileDiagnostics {
  readonly file: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

export const diagnosticFormats = ['text', 'json', 'github', 'sarif'] as const;
export type DiagnosticFormat = (typeof diagnosticFormats)[number];

/**
 * All diagnostics of some files in one of the formats, each file's in the order of their places. Ends with a line
 * break; empty where a format has nothing to say. `colors` is for text on a terminal. Credentials in a file are
 * not shown.
 */
export function renderDiagnostics(
  files: readonly FileDiagnostics[],
  format: DiagnosticFormat,
  options: { readonly colors?: boolean } = {},
): string {
  const sorted = files.map(hideSecrets).map((file) => ({
    ...file,
    diagnostics: file.diagnostics.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end),
  }));
  switch (format) {
    case 'text':
      return renderText(sorted, options.colors ?? false);
    case 'json':
      return renderJson(sorted);
    case 'github':
      return renderGithub(sorted);
    case 'sarif':
      return renderSarif(sorted);
  }
}
