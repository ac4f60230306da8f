import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobView, RowsHeader, RowsView } from '../messages.ts';
import { Chart } from './chart.tsx';
import { KeyedLines } from './keyed-lines.ts';
import { showChange, showNumber, showTime, showWhole } from './show-figures.ts';

const SHOWN = 20;

interface RowsProps {
  readonly jobs: readonly JobView[];
  readonly chosen: string | undefined;
  choose(tap: string): void;
}

interface Passed {
  readonly header: RowsHeader | undefined;
  /** Newest first. */
  readonly rows: readonly (RowsView['rows'][number] & { readonly time: number })[];
  readonly seen: number;
  /** Messages taken. */
  readonly count: number;
}

/** What was chosen instead of what suits the columns. */
interface Picked {
  readonly value?: number;
  readonly key?: number;
  readonly relative?: boolean;
}

const nothing: Passed = { header: undefined, rows: [], seen: 0, count: 0 };

/** The newest rows of a source or sink as they pass, and their numbers as lines; asks for them only while it is on screen. */
export function Rows({ jobs, chosen, choose }: RowsProps) {
  const section = useRef<HTMLElement>(null);
  const visible = useVisible(section);
  const [paused, setPaused] = useState(false);
  const [picked, setPicked] = useState<Picked>({});
  const lines = useRef(new KeyedLines());
  const [passed, setPassed] = useState(nothing);
  const [value, key] = [picked.value ?? valueColumnOf(passed.header), picked.key ?? keyColumnOf(passed.header)];
  const columns = useRef({ value, key });
  columns.current = { value, key };

  useEffect(() => {
    setPassed(nothing);
    setPicked({});
    lines.current = new KeyedLines();
  }, [chosen]);
  useEffect(() => {
    if (chosen === undefined || !visible || paused) return;
    const events = new EventSource(`/dashboard/rows?of=${encodeURIComponent(chosen)}`);
    events.addEventListener('columns', ({ data }: MessageEvent<string>) =>
      setPassed((old) => ({ ...old, header: JSON.parse(data) as RowsHeader })),
    );
    events.addEventListener('rows', ({ data }: MessageEvent<string>) => {
      const { time, seen, rows } = JSON.parse(data) as RowsView;
      const { value, key } = columns.current;
      if (value !== undefined) lines.current.add(time, rows, value, key);
      const fresh = rows.map((row) => ({ ...row, time })).reverse();
      setPassed((old) => ({ ...old, seen, count: old.count + 1, rows: [...fresh, ...old.rows].slice(0, SHOWN) }));
    });
    return () => events.close();
  }, [chosen, visible, paused]);

  const relative = picked.relative ?? lines.current.apart;
  const pick = (part: Picked) => {
    lines.current = new KeyedLines();
    setPicked({ ...picked, ...part });
  };
  return (
    <section ref={section} id="rows" aria-labelledby="rows-title">
      <h2 id="rows-title">Rows</h2>
      <div class="bar">
        <label>
          of{' '}
          <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
            {jobs.flatMap((job) =>
              job.pipelines.flatMap((pipeline) =>
                pipeline.nodes.map(
                  ({ id, kind, title, tap }) =>
                    tap !== undefined && (
                      <option key={`${tap} ${id}`} value={tap}>
                        {kind} {title}
                        {jobs.length > 1 ? ` (${job.name})` : ''}
                      </option>
                    ),
                ),
              ),
            )}
          </select>
        </label>
        <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? 'go on' : 'pause'}
        </button>
        <span class="figure">{passed.seen > 0 ? `a sample of ${showWhole(passed.seen)} rows` : 'no row yet'}</span>
      </div>
      {passed.header !== undefined && value !== undefined && (
        <>
          <div class="bar">
            <ColumnPicker
              label="line of"
              header={passed.header}
              numeric
              chosen={value}
              choose={(c) => pick({ value: c })}
            />
            <ColumnPicker
              label="by"
              header={passed.header}
              numeric={false}
              chosen={key}
              choose={(c) => pick({ key: c })}
            />
            <label>
              <input
                type="checkbox"
                checked={relative}
                onChange={(event) => setPicked({ ...picked, relative: event.currentTarget.checked })}
              />{' '}
              as change in %
            </label>
          </div>
          <Chart
            title={passed.header.columns[value]!.name}
            summary={lines.current.summary()}
            lines={lines.current.labels().map((label) => ({ label: relative ? `${label}, %` : label }))}
            data={relative ? lines.current.changes() : lines.current.data()}
            version={relative ? -passed.count : passed.count}
            show={relative ? showChange : showNumber}
            fromZero={false}
          />
        </>
      )}
      {passed.header !== undefined && <Table header={passed.header} rows={passed.rows} />}
    </section>
  );
}

interface PickerProps {
  readonly label: string;
  readonly header: RowsHeader;
  readonly numeric: boolean;
  readonly chosen: number | undefined;
  choose(column: number): void;
}

function ColumnPicker({ label, header, numeric, chosen, choose }: PickerProps) {
  return (
    <label>
      {label}{' '}
      <select value={chosen} onChange={(event) => choose(Number(event.currentTarget.value))}>
        {header.columns.map((column, i) =>
          numeric && !column.numeric ? null : (
            <option key={column.name} value={i}>
              {column.name}
            </option>
          ),
        )}
      </select>
    </label>
  );
}

function Table({ header, rows }: { readonly header: RowsHeader; readonly rows: Passed['rows'] }) {
  return (
    <section class="scroll" tabIndex={0} aria-label="Newest rows">
      <table>
        <thead>
          <tr>
            <th scope="col">seen</th>
            <th scope="col">kind</th>
            {header.columns.map(({ name, type, numeric }) => (
              <th key={name} scope="col" title={type} class={numeric ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, kind, cells }, i) => (
            <tr key={i}>
              <td>{showTime(time)}</td>
              <td>{kind}</td>
              {cells.map((cell, c) => (
                <td key={header.columns[c]?.name} class={header.columns[c]?.numeric ? 'number' : ''}>
                  {cell ?? <em>NULL</em>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A column that is a figure rather than a name: numeric and no part of the key. */
function valueColumnOf(header: RowsHeader | undefined): number | undefined {
  if (header === undefined) return undefined;
  const figures = header.columns.flatMap((column, i) => (column.numeric && !header.key.includes(i) ? [i] : []));
  const broken = figures.find((i) => /DOUBLE|FLOAT|DECIMAL/.test(header.columns[i]!.type));
  return broken ?? figures[0];
}

/** The column that tells lines apart: of the key, or the first text. */
function keyColumnOf(header: RowsHeader | undefined): number | undefined {
  if (header === undefined) return undefined;
  const texts = header.columns.flatMap(({ type }, i) => (/CHAR/.test(type) ? [i] : []));
  return header.key[0] ?? texts[0];
}

/** Whether an element is on screen and its page in front. */
function useVisible(element: { readonly current: HTMLElement | null }): boolean {
  const [onScreen, setOnScreen] = useState(false);
  const [inFront, setInFront] = useState(!document.hidden);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setOnScreen(entry!.isIntersecting));
    observer.observe(element.current!);
    const changed = () => setInFront(!document.hidden);
    document.addEventListener('visibilitychange', changed);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', changed);
    };
  }, []);
  return onScreen && inFront;
}
