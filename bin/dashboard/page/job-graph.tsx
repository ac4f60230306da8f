import type { GraphEdge, GraphNode, PipelineTick, PipelineView } from '../messages.ts';
import { type Box, placeNodes } from './place-nodes.ts';
import { showCount, showRate, showSeconds, showWhole } from './show-figures.ts';
import { useMedia } from './use-media.ts';
import { usePageWidth } from './use-page-width.ts';

/** What the page is wide at most, and what it has beside the drawing. */
const PAGE = 1500;
const BESIDE = 48;
/** From a node to the middle of its figures. */
const LABEL = 54;

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
  const room = Math.min(PAGE, usePageWidth()) - BESIDE;
  const { boxes, width, height, scale } = placeNodes(view.nodes, view.edges, room, narrow);
  const size = { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` };
  return (
    <section class="graph" tabIndex={0} aria-label={`Dataflow of ${view.name}`}>
      <div class="fitted" style={{ width: `${width * scale}px`, height: `${height * scale}px` }}>
        <div class="canvas" style={size}>
          <svg width={width} height={height} aria-hidden="true">
            {view.edges.map((edge) => {
              const [from, to] = [boxes.get(edge.from)!, boxes.get(edge.to)!];
              return <Edge key={`${edge.from} ${edge.to}`} edge={edge} from={from} to={to} tick={tick} down={narrow} />;
            })}
          </svg>
          {view.nodes.map((node) => (
            <Node key={node.id} node={node} at={boxes.get(node.id)!} tick={tick} chosen={chosen} choose={choose} />
          ))}
        </div>
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
  readonly at: Box;
}

function Node({ node, at, tick, chosen, choose }: NodeProps) {
  const { kind, title, detail, description, tap } = node;
  const style = { left: `${at.x}px`, top: `${at.y}px`, width: `${at.width}px`, height: `${at.height}px` };
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
  readonly from: Box;
  readonly to: Box;
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

function drawAcross(from: Box, to: Box, edge: GraphEdge): Drawn {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  return {
    path: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`,
    label: edge.source === undefined ? { x: x2 - LABEL, y: y2 } : { x: x1 + LABEL, y: y1 },
  };
}

function drawDown(from: Box, to: Box, edge: GraphEdge): Drawn {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2, to.y];
  const middle = (y1 + y2) / 2;
  return {
    path: `M${x1} ${y1} C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`,
    label: edge.source === undefined ? { x: x2 + 8, y: y2 - 40 } : { x: x1 + 8, y: y1 + 16 },
  };
}
