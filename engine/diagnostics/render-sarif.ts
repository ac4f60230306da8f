import { createHash } from 'node:crypto';
import { codes, type DiagnosticCode } from './codes.ts';
import type { Diagnostic, Span } from './diagnostic.ts';
import { indexLines, type LineIndex, placeOf } from './line-index.ts';
import type { FileDiagnostics } from './render.ts';

const levels = { error: 'error', warning: 'warning', hint: 'note' } as const;

/** One SARIF 2.1.0 log, for code scanning services. */
export function renderSarif(files: readonly FileDiagnostics[]): string {
  const used = new Set<DiagnosticCode>(files.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)));
  const rules = [...used].sort().map((id) => ({ id, shortDescription: { text: codes[id] } }));
  const results = files.flatMap(({ file, text, diagnostics }) => {
    const index = indexLines(text);
    const artifactLocation = { uri: uriOf(file) };
    const fingerprint = fingerprints(text);
    return diagnostics.map((diagnostic) => ({
      ruleId: diagnostic.code,
      ruleIndex: rules.findIndex(({ id }) => id === diagnostic.code),
      level: levels[diagnostic.severity],
      message: { text: messageOf(diagnostic) },
      locations: [{ physicalLocation: { artifactLocation, region: regionOf(index, diagnostic.span) } }],
      partialFingerprints: { primaryLocationLineHash: fingerprint(diagnostic) },
      ...(diagnostic.fix === undefined
        ? {}
        : {
            fixes: [
              {
                description: { text: diagnostic.help ?? diagnostic.message },
                artifactChanges: [
                  {
                    artifactLocation,
                    replacements: [
                      {
                        deletedRegion: regionOf(index, diagnostic.fix.span),
                        insertedContent: { text: diagnostic.fix.text },
                      },
                    ],
                  },
                ],
              },
            ],
          }),
    }));
  });
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'cryptopipe', rules } }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/**
 * Tells the same finding from run to run while lines move: a hash of its code and of the text of its line, with a number
 * where that is there again.
 */
function fingerprints(text: string): (diagnostic: Diagnostic) => string {
  const seen = new Map<string, number>();
  return ({ code, span }) => {
    const start = text.lastIndexOf('\n', span.start - 1) + 1;
    const end = text.indexOf('\n', span.start);
    const line = text
      .slice(start, end < 0 ? text.length : end)
      .replace(/\s+/g, ' ')
      .trim();
    const hash = createHash('sha256').update(`${code}\n${line}`).digest('hex').slice(0, 16);
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return `${hash}:${count}`;
  };
}

function messageOf({ message, help }: Diagnostic): string {
  return help === undefined ? message : `${message}\nhelp: ${help}`;
}

function regionOf(index: LineIndex, span: Span) {
  const { line, column, endLine, endColumn } = placeOf(index, span);
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** A path as a relative reference, or where it is absolute as a file URI. */
function uriOf(file: string): string {
  const parts = file.replaceAll('\\', '/').split('/');
  const drive = /^[A-Za-z]:$/.test(parts[0]!);
  const encoded = parts.map((part, i) => (drive && i === 0 ? part : encodeURIComponent(part))).join('/');
  if (drive) return `file:///${encoded}`;
  return encoded.startsWith('/') ? `file://${encoded}` : encoded;
}
