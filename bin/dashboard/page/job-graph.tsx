import type { GraphEdge, GraphNode, PipelineTick, PipelineView } from '../messages.ts';
import { layOut } from './layout.ts';
import { showCount, showRate, showSeconds, showWhole } from './show-figures.ts';

const NODE = { width: 190, height: 62 };
const GAP = { x: 116, y: 20 };
const MARGIN = 8;

interface GraphProps {
  readonly view: PipelineView;
  readonly tick: PipelineTick | undefined;
  /** The place whose rows are shown. */
  readonly chosen: string | undefined;
  choose(tap: string): void;
}

/** A pipeline as a drawing: rows flow from the sources on the left to the sink on the right. */
export function JobGraph({ view, tick, chosen, choose }: GraphProps) {
  const { cells, layers, rows } = layOut(view.nodes, view.edges);
  const at = (id: string) => {
    const { layer, row } = cells.get(id)!;
    return { x: MARGIN + layer * (NODE.width + GAP.x), y: MARGIN + row * (NODE.height + GAP.y) };
  };
  const width = layers * (NODE.width + GAP.x) - GAP.x + 2 * MARGIN;
  const height = rows * (NODE.height + GAP.y) - GAP.y + 2 * MARGIN;
  return (
    <section class="graph" tabIndex={0} aria-label={`Dataflow of ${view.name}`}>
      <div class="canvas" style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {view.edges.map((edge) => (
            <Edge key={`${edge.from} ${edge.to}`} edge={edge} from={at(edge.from)} to={at(edge.to)} tick={tick} />
          ))}
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
  readonly from: Point;
  readonly to: Point;
  readonly tick: PipelineTick | undefined;
}

function Edge({ edge, from, to, tick }: EdgeProps) {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const middle = (x1 + x2) / 2;
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
  // Labels stand at the end whose figures they are, where edges do not meet.
  const labelX = edge.source === undefined ? x2 - GAP.x / 2 : x1 + GAP.x / 2;
  const labelY = edge.source === undefined ? y2 : y1;
  return (
    <g class={`edge ${pressure}`} data-rate={rate}>
      <path d={`M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`} stroke-width={width} fill="none" />
      {told.map((text, i) => (
        <text key={text} x={labelX} y={labelY + (i === 0 ? -7 : 4 + 12 * i)} text-anchor="middle">
          {text}
        </text>
      ))}
    </g>
  );
}
