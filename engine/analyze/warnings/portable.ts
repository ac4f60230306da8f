import type { Registry } from '../../connector/bind.ts';
import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import type { Catalog } from '../catalog.ts';

/** What Flink would reject and this engine runs: connectors, formats and options in WITH that only it has. */
export function checkPortable(catalog: Catalog, registry: Registry, report: DiagnosticSink): void {
  for (const object of catalog.list()) {
    if (object.kind !== 'table') continue;
    const { bound, text } = object.definition;
    const connector = registry.connectors.find(({ name }) => name === bound?.connector);
    if (connector === undefined) continue;
    for (const { key, value } of text.options) {
      if (key.value === 'connector') {
        if (connector.ours !== true) continue;
        report.report({
          code: 'not-portable',
          severity: 'error',
          message: `Flink has no connector '${connector.name}'`,
          span: value.span,
          help: 'Flink runs this job only with a connector of its own here',
        });
      } else if (connector.ours !== true && connector.options[key.value]?.ours === true) {
        report.report({
          code: 'not-portable',
          severity: 'error',
          message: `Flink's connector '${connector.name}' has no option '${key.value}'`,
          span: key.span,
          help: `write SET 'cryptopipe.table.${text.name.name}.${key.value}' = '…': Flink reads over it`,
        });
      }
    }
  }
}
