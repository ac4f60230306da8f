import type { BytesView, LetterView, LogView, Problems } from '../messages.ts';
import { showTime, showWhole } from './show-figures.ts';

/** Recent warnings and errors, and records that a job went on without. */
export function ProblemLists({ problems: { log, letters } }: { readonly problems: Problems }) {
  return (
    <section id="problems" aria-labelledby="problems-title">
      <h2 id="problems-title">Errors and dead letters</h2>
      {log.length === 0 && letters.length === 0 && <p class="quiet">None.</p>}
      <ul class="list" aria-label="Warnings and errors" hidden={log.length === 0}>
        {log.map((entry) => (
          <li key={`${entry.event} ${entry.first} ${entry.fields}`}>
            <LogEntry entry={entry} />
          </li>
        ))}
      </ul>
      {letters.length > 0 && <h3>Records left out</h3>}
      <ul class="list letters" tabIndex={0} aria-label="Records left out" hidden={letters.length === 0}>
        {letters.map((letter, i) => (
          <li key={`${letter.time} ${letters.length - i}`}>
            <Letter letter={letter} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function LogEntry({ entry: { level, event, fields, count, first, last } }: { readonly entry: LogView }) {
  const field = (name: string) => fields.find(([key]) => key === name)?.[1];
  const reason = field('message') ?? field('reason') ?? field('error') ?? '';
  return (
    <details>
      <summary>
        <span class={`badge ${level}`}>{level}</span> <time>{showTime(last)}</time> <strong>{event}</strong>{' '}
        {count > 1 && <span class="figure">{showWhole(count)} times</span>} {reason}
      </summary>
      <dl>
        {fields.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>first</dt>
          <dd>{showTime(first)}</dd>
        </div>
      </dl>
    </details>
  );
}

function Letter({ letter }: { readonly letter: LetterView }) {
  const { time, table, reason, policy, message, place, key, value } = letter;
  return (
    <details>
      <summary>
        <span class="badge warn">{reason}</span> <time>{showTime(time)}</time> <strong>{table}</strong> {message}
      </summary>
      <p class="quiet">
        {policy === 'skip' ? 'left out' : 'kept in the dead-letter table'}
        {place === '' ? '' : `, ${place}`}
      </p>
      {key !== null && <Dump title="key" bytes={key} />}
      {value !== null && <Dump title="value" bytes={value} />}
    </details>
  );
}

function Dump({ title, bytes: { hex, size } }: { readonly title: string; readonly bytes: BytesView }) {
  const shown = hex.length / 2;
  return (
    <>
      <p class="quiet">
        {title}, {showWhole(size)} bytes{shown < size ? `, the first ${showWhole(shown)}` : ''}
      </p>
      <pre tabIndex={0}>{hexDump(hex)}</pre>
    </>
  );
}

/** Sixteen bytes a line: where, in hexadecimal, and as text where they are ASCII. */
function hexDump(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  const lines = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) => bytes.slice(i * 16, i * 16 + 16));
  return lines
    .map((line, i) => {
      const text = line
        .map((byte) => Number.parseInt(byte, 16))
        .map((n) => (n >= 32 && n < 127 ? String.fromCharCode(n) : '·'));
      return `${(i * 16).toString(16).padStart(6, '0')}  ${line.join(' ').padEnd(47)}  ${text.join('')}`;
    })
    .join('\n');
}
