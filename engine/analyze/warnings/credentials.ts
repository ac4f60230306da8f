import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import type { Catalog } from '../catalog.ts';

/** Secrets that are written out in the file, where everybody who may read the repository finds them. */
export function warnCredentials(catalog: Catalog, report: DiagnosticSink): void {
  for (const object of catalog.list()) {
    if (object.kind !== 'table') continue;
    const { bound, text } = object.definition;
    for (const { key, value } of text.options) {
      // `raw` is there where the value came from a variable, or has one as its default.
      if (value.raw?.includes('$' + '{') || value.value === '') continue;
      const shown = bound?.options.get(key.value);
      if (shown === undefined || shown === value.value || !shown.includes('***')) continue;
      report.report({
        code: 'credentials',
        severity: 'warning',
        message: `the value of '${key.value}' is secret and stands in the file`,
        span: value.span,
        help: `take it from the environment: '\${${key.value.replace(/\W+/g, '_').toUpperCase()}}'`,
      });
    }
  }
}
