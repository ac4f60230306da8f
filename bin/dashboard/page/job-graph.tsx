import type { GraphEdge, GraphNode, PipelineTick, PipelineView } from '../messages.ts';
import { layOut } from './layout.ts';
import { showCount, showRate, showSeconds, showWhole } from './show-figures.ts';
import { useMedia } from './use-media.ts';

const NODE = { width: 190, height: 62 };
/** Between layers there is room for the figures of an edge. */
const GAP = { wide: { layer: 116, row: 20 }, narrow: { layer: 58, row: 12 } };
const MARGIN = 8;

interface GraphProps {
  readonly view: PipelineView;
  readonly tick: PipelineTick | undefined;
  /** The place whose rows are shown. */
  readonly chosen: string | undefined;
  choose(tap: string): void;
}

/** A pipeline as a drawing: rows flow from the sources on the left to the sink on the right; downwards where the page is narrow. */
export function JobGraph({ view, tick, chosen, choose }: GraphProps) {
  const narrow = useMedia('(max-width: 700px)');
  const { cells, layers, rows } = layOut(view.nodes, view.edges);
  const gap = narrow ? GAP.narrow : GAP.wide;
  const along = (narrow ? NODE.height : NODE.width) + gap.layer;
  const across = (narrow ? NODE.width : NODE.height) + gap.row;
  const at = (id: string): Point => {
    const { layer, row } = cells.get(id)!;
    const [a, b] = [MARGIN + layer * along, MARGIN + row * across];
    return narrow ? { x: b, y: a } : { x: a, y: b };
  };
  const [length, breadth] = [layers * along - gap.layer + 2 * MARGIN, rows * across - gap.row + 2 * MARGIN];
  const [width, height] = narrow ? [breadth, length] : [length, breadth];
  return (
    <section class="graph" tabIndex={0} aria-label={`Dataflow of ${view.name}`}>
      <div class="canvas" style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {view.edges.map((edge) => {
            const key = `${edge.from} ${edge.to}`;
            return <Edge key={key} edge={edge} from={at(edge.from)} to={at(edge.to)} tick={tick} down={narrow} />;
          })}
        </svg>
        {view.nodes.map((node) => (
          <Node key={node.id} node={node} at={at(node.id)} tick={tick} chosen={chosen} choose={choose} />
        ))}
      </div>
    </section>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface NodeProps extends Omit<GraphProps, 'view'> {
  readonly node: GraphNode;
  readonly at: Point;
}

function Node({ node, at, tick, chosen, choose }: NodeProps) {
  const { kind, title, detail, description, tap } = node;
  const style = { left: `${at.x}px`, top: `${at.y}px`, width: `${NODE.width}px`, height: `${NODE.height}px` };
  const content = (
    <>
      <strong>{title}</strong>
      <span class="detail">{detail}</span>
      <span class="figure">{figureOf(node, tick)}</span>
    </>
  );
  const state = kind === 'sink' ? tick?.state : undefined;
  if (tap === undefined) {
    return (
      <div class={`node ${kind}`} style={style} title={description}>
        {content}
      </div>
    );
  }
  return (
    <button
      type="button"
      class={`node ${kind}`}
      data-state={state}
      style={style}
      title={`${description}\n\nclick: show its rows`}
      aria-pressed={tap === chosen}
      onClick={() => choose(tap)}
    >
      {content}
    </button>
  );
}

function figureOf({ kind, title }: GraphNode, tick: PipelineTick | undefined): string {
  if (tick === undefined) return '';
  if (kind === 'sink') return `${tick.state} · ${showWhole(tick.rowsOut)} rows`;
  const source = tick.sources.find(({ id }) => id === title);
  return source === undefined || kind !== 'source' ? '' : `${showWhole(source.rows)} rows`;
}

interface EdgeProps {
  readonly edge: GraphEdge;
  /** The upper left corners of its nodes. */
  readonly from: Point;
  readonly to: Point;
  readonly tick: PipelineTick | undefined;
  readonly down: boolean;
}

function Edge({ edge, from, to, tick, down }: EdgeProps) {
  const source = tick?.sources.find(({ id }) => id === edge.source);
  const rate = source?.rate ?? (edge.sink === true ? (tick?.figures.out ?? undefined) : undefined);
  const held = source?.heldBack ?? 0;
  const pressure = held > 0.5 ? 'high' : held > 0.1 ? 'some' : 'none';
  const width = rate === undefined || rate <= 0 ? 1.5 : Math.min(6, 1.5 + Math.log10(1 + rate) * 0.8);
  const told = [
    ...(rate === undefined ? [] : [showRate(rate)]),
    ...(source?.lagRecords ? [`lag ${showCount(source.lagRecords)}`] : []),
    ...(source?.lagSeconds ? [`${showSeconds(source.lagSeconds)} behind`] : []),
    ...(held > 0.1 ? [`held back ${Math.round(held * 100)} %`] : []),
  ];
  const { path, label } = down ? drawDown(from, to, edge) : drawAcross(from, to, edge);
  return (
    <g class={`edge ${pressure}`} data-rate={rate}>
      <path d={path} stroke-width={width} fill="none" />
      {told.map((text, i) => (
        <text
          key={text}
          x={label.x}
          y={label.y + (down ? 13 * i : i === 0 ? -7 : 4 + 12 * i)}
          text-anchor={down ? 'start' : 'middle'}
        >
          {text}
        </text>
      ))}
    </g>
  );
}

interface Drawn {
  readonly path: string;
  /** Figures stand at the end that they are of, where edges do not meet. */
  readonly label: Point;
}

function drawAcross(from: Point, to: Point, edge: GraphEdge): Drawn {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const middle = (x1 + x2) / 2;
  const half = GAP.wide.layer / 2;
  return {
    path: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`,
    label: edge.source === undefined ? { x: x2 - half, y: y2 } : { x: x1 + half, y: y1 },
  };
}

function drawDown(from: Point, to: Point, edge: GraphEdge): Drawn {
  const [x1, y1] = [from.x + NODE.width / 2, from.y + NODE.height];
  const [x2, y2] = [to.x + NODE.width / 2, to.y];
  const middle = (y1 + y2) / 2;
  return {
    path: `M${x1} ${y1} C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`,
    label: edge.source === undefined ? { x: x2 + 8, y: y2 - GAP.narrow.layer + 18 } : { x: x1 + 8, y: y1 + 16 },
  };
}
