import type { GraphEdge, GraphNode } from '../messages.ts';
import { type Layout, layOut } from './layout.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A graph in pixels; `scale` makes it fit the page, or nearly. */
export interface Drawing {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

const HEIGHT = 62;
const MARGIN = 8;
const WIDEST = 190;
/** Smaller cannot be read; what is wider then is scrolled. */
const SMALLEST = 0.7;
/** Sources and sinks say more than operators. */
const ACROSS = { end: 172, operator: 146, figures: 108, plain: 28, row: 20 };
const DOWN = { narrowest: 100, layer: 58, row: 12 };

/** Places the nodes of a pipeline on a page that leaves `room` pixels: rows flow to the right, or downwards. */
export function placeNodes(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  room: number,
  down: boolean,
): Drawing {
  const layout = layOut(nodes, edges);
  const free = room - 2 * MARGIN;
  const boxes = down ? boxesDown(layout, free) : boxesAcross(nodes, edges, layout, free);
  const all = [...boxes.values()];
  const width = Math.max(0, ...all.map((box) => box.x + box.width)) + MARGIN;
  const height = Math.max(0, ...all.map((box) => box.y + box.height)) + MARGIN;
  return { boxes, width, height, scale: Math.max(SMALLEST, Math.min(1, room / width)) };
}

function boxesAcross(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  { cells, layers }: Layout,
  free: number,
): Map<string, Box> {
  const layerOf = (id: string) => cells.get(id)!.layer;
  const told = new Set(
    edges.flatMap((edge) => [
      ...(edge.source === undefined ? [] : [layerOf(edge.from)]),
      ...(edge.sink === undefined ? [] : [layerOf(edge.to) - 1]),
    ]),
  );
  const ends = new Set(nodes.filter(({ kind }) => kind !== 'operator').map(({ id }) => layerOf(id)));
  const widths = Array.from({ length: layers }, (_, layer) => (ends.has(layer) ? ACROSS.end : ACROSS.operator));
  const gaps = widths.slice(1).map((_, layer) => (told.has(layer) ? ACROSS.figures : ACROSS.plain));
  const spare = free - sum(widths) - sum(gaps);
  const wider = widths.map((width) => Math.min(WIDEST, width + Math.max(0, Math.floor(spare / layers))));
  const starts = wider.map((_, layer) => MARGIN + sum(wider.slice(0, layer)) + sum(gaps.slice(0, layer)));
  return new Map(
    [...cells].map(([id, { layer, row }]) => {
      const y = MARGIN + row * (HEIGHT + ACROSS.row);
      return [id, { x: starts[layer]!, y, width: wider[layer]!, height: HEIGHT }];
    }),
  );
}

function boxesDown({ cells, rows }: Layout, free: number): Map<string, Box> {
  const column = Math.min(WIDEST, Math.max(DOWN.narrowest, Math.floor((free + DOWN.row) / rows) - DOWN.row));
  const total = rows * (column + DOWN.row) - DOWN.row;
  return new Map(
    [...cells].map(([id, { layer, row }]) => {
      const alone = [...cells.values()].filter((cell) => cell.layer === layer).length === 1;
      const middle = row * (column + DOWN.row) + column / 2;
      const width = alone ? Math.min(WIDEST, 2 * Math.min(middle, total - middle)) : column;
      const y = MARGIN + layer * (HEIGHT + DOWN.layer);
      return [id, { x: MARGIN + middle - width / 2, y, width, height: HEIGHT }];
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
