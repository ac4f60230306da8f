import { type CheckedJob, explainPipelines, highlight } from '../../engine/index.ts';
import { graphOf } from './graph.ts';
import type { JobView } from './messages.ts';
import type { Redaction } from './redaction.ts';

/** A job as it was started. */
export interface ShownJob {
  readonly file: string;
  readonly text: string;
  readonly checked: CheckedJob;
}

/** What the page is told about job number `index`. */
export function viewJob({ file, text, checked }: ShownJob, index: number, redaction: Redaction): JobView {
  const connectors = new Map(checked.tables.map(({ name, connector }) => [name, connector]));
  const plans = explainPipelines(checked);
  const pipelines = checked.pipelines ?? [];
  const sql = redaction.sql(text);
  return {
    name: checked.name,
    file,
    pipelines: pipelines.map((pipeline, p) => ({
      name: pipeline.name,
      plan: redaction.text(plans[p]!.text),
      ...graphOf(plans[p]!.tree, {
        sources: pipeline.sources.map(({ id }) => id),
        connectorOf: (table) => connectors.get(table) ?? '',
        tapOf: (source) => [index, p, ...(source === undefined ? [] : [source])].join('/'),
      }),
    })),
    sql: { text: sql, spans: highlight(sql).map(({ start, end, kind }) => [start, end, kind] as const) },
    settings: Object.entries(checked.settings)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, redaction.text(String(value))] as const),
    tables: checked.tables.map(({ name, connector, options }) => ({
      name,
      connector,
      options: [...options].map(([key, value]) => [key, redaction.text(value)] as const),
    })),
  };
}
