import type { ExplainedPlan, ExplainNode } from '../engine/index.ts';

/** A Mermaid flow chart, which Markdown renders: rows go from the sources down to the sinks. */
export function flowchart(plans: readonly Pick<ExplainedPlan, 'tree' | 'delivery'>[]): string {
  const lines = ['flowchart TD'];
  let count = 0;
  const draw = (node: ExplainNode, notes: readonly string[] = []): string => {
    const id = `n${count++}`;
    const attributes = Object.entries(node.attributes).map(
      ([key, value]) => `${key}: ${typeof value === 'string' ? value : value.join(', ')}`,
    );
    lines.push(`  ${id}["${[node.operator, ...attributes, ...notes].map(escapeLabel).join('<br>')}"]`);
    for (const input of node.inputs) lines.push(`  ${draw(input)} --> ${id}`);
    return id;
  };
  for (const { tree, delivery } of plans) {
    draw(tree, delivery === undefined ? [] : [`delivery: ${delivery.guarantee.replaceAll('-', ' ')}`]);
  }
  return `${lines.join('\n')}\n`;
}

/** Mermaid reads '#…;' as a character, and HTML. */
function escapeLabel(text: string): string {
  return text
    .replaceAll('#', '#35;')
    .replaceAll('&', '#38;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll(/\s+/g, ' ');
}
