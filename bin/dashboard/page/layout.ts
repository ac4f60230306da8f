import type { GraphEdge, GraphNode } from '../messages.ts';

/** Where a node stands: its layer, counted from the sources, and its row within all layers, fractions allowed. */
export interface Cell {
  readonly layer: number;
  readonly row: number;
}

export interface Layout {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly layers: number;
  readonly rows: number;
}

/**
 * Places the nodes of a tree whose root is the sink: sources one below the other in the first layer, every other node one
 * layer behind its last input and in the middle of its inputs. No edges cross, and no two nodes of a layer are nearer than a row.
 */
export function layOut(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Layout {
  const cells = new Map<string, Cell>();
  let rows = 0;
  // Inputs stand before what they flow into.
  for (const { id } of nodes) {
    const inputs = edges.filter(({ to }) => to === id).map(({ from }) => cells.get(from)!);
    if (inputs.length === 0) cells.set(id, { layer: 0, row: rows++ });
    else {
      const at = inputs.map(({ row }) => row);
      cells.set(id, {
        layer: Math.max(...inputs.map(({ layer }) => layer)) + 1,
        row: (Math.min(...at) + Math.max(...at)) / 2,
      });
    }
  }
  return { cells, layers: Math.max(0, ...[...cells.values()].map(({ layer }) => layer + 1)), rows };
}
