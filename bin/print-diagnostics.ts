import type { Diagnostic } from '../engine/index.ts';

export type DiagnosticFormat = 'text' | 'json' | 'github' | 'sarif';

/** A file and what was found in it. */
export interface FoundInFile {
  readonly file: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Prints diagnostics: text to standard error, the formats for machines to standard output. */
export async function printDiagnostics(found: readonly FoundInFile[], format: DiagnosticFormat): Promise<void> {
  const { renderDiagnostics } = await import('../engine/index.ts');
  const stream = format === 'text' ? process.stderr : process.stdout;
  const colors = format === 'text' && stream.isTTY && process.env.NO_COLOR === undefined;
  stream.write(renderDiagnostics(found, format, { colors }));
}
