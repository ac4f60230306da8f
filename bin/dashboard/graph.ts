import type { ExplainNode } from '../../engine/index.ts';
import type { GraphEdge, GraphNode } from './messages.ts';

export interface GraphOptions {
  /** The ids of the pipeline's sources, in the order of the plan's leaves. */
  readonly sources: readonly string[];
  /** The connector of a table. */
  connectorOf(table: string): string;
  /** Names the rows that pass at a source or, without one, at the sink. */
  tapOf(source: string | undefined): string;
}

/** The plan of a pipeline as a graph: its tree with the sink at the root, rows flowing towards it. */
export function graphOf(
  plan: ExplainNode,
  { sources, connectorOf, tapOf }: GraphOptions,
): { readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] } {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  let leaves = 0;
  const visit = (node: ExplainNode): GraphNode & { readonly source?: string } => {
    const inputs = node.inputs.map(visit);
    const id = `n${nodes.length}`;
    const description = describe(node);
    let added: GraphNode & { readonly source?: string };
    if (inputs.length === 0) {
      const source = sources[leaves++] ?? node.operator;
      const table = source.replace(/#\d+$/, '');
      const detail = node.operator === 'Values' ? 'constant rows' : connectorOf(table);
      added = { id, kind: 'source', title: source, detail, description, tap: tapOf(source), source };
    } else if (node.operator === 'Sink') {
      const table = String(node.attributes.table).split('.').at(-1)!;
      added = { id, kind: 'sink', title: table, detail: connectorOf(table), description, tap: tapOf(undefined) };
    } else {
      added = { id, kind: 'operator', title: node.operator, detail: summaryOf(node), description };
    }
    const { source: _, ...plain } = added;
    nodes.push(plain);
    for (const input of inputs) {
      edges.push({
        from: input.id,
        to: id,
        ...(input.source === undefined ? {} : { source: input.source }),
        ...(added.kind === 'sink' ? { sink: true } : {}),
      });
    }
    return added;
  };
  visit(plan);
  return { nodes, edges };
}

/** What is peculiar to an operator, in few words. */
function summaryOf({ attributes, fields }: ExplainNode): string {
  const told = attributes.where ?? attributes.groupBy ?? attributes.window ?? attributes.watermark;
  if (told !== undefined) return typeof told === 'string' ? told : told.join(', ');
  return fields.map(({ name }) => name).join(', ');
}

function describe({ operator, attributes }: ExplainNode): string {
  const told = Object.entries(attributes).map(([key, v]) => `${key}: ${typeof v === 'string' ? v : v.join(', ')}`);
  return [operator, ...told].join('\n');
}
