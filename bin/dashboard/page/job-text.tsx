import type { Entry, JobView, SqlView } from '../messages.ts';

/** What a job is: its SQL, its plan, and the options that are in force. */
export function JobText({ job }: { readonly job: JobView }) {
  return (
    <section id="job" aria-labelledby="job-title">
      <h2 id="job-title">Job</h2>
      <details open>
        <summary>SQL of {job.file}</summary>
        <Sql sql={job.sql} />
      </details>
      <details>
        <summary>Plan</summary>
        {job.pipelines.map(({ name, plan }) => (
          <Text key={name}>{plan}</Text>
        ))}
      </details>
      <details>
        <summary>Settings</summary>
        <Entries entries={job.settings} />
      </details>
      <details>
        <summary>Tables</summary>
        {job.tables.map(({ name, connector, options }) => (
          <div key={name}>
            <h3>{name}</h3>
            <Entries entries={[['connector', connector], ...options]} />
          </div>
        ))}
      </details>
    </section>
  );
}

function Sql({ sql: { text, spans } }: { readonly sql: SqlView }) {
  const parts = spans.flatMap(([start, end, kind], i) => [
    text.slice(spans[i - 1]?.[1] ?? 0, start),
    <span key={start} class={`sql-${kind}`}>
      {text.slice(start, end)}
    </span>,
  ]);
  return (
    <Text>
      <code>
        {parts}
        {text.slice(spans.at(-1)?.[1] ?? 0)}
      </code>
    </Text>
  );
}

/** A text that may be wider than the page: scrolls by itself, with the keyboard too. */
function Text({ children }: { readonly children: preact.ComponentChildren }) {
  return <pre tabIndex={0}>{children}</pre>;
}

function Entries({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <dl>
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
