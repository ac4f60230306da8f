import { render } from 'preact';
import { useState } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { JobGraph } from './job-graph.tsx';
import { JobText } from './job-text.tsx';
import { pipelineKey, useLive } from './live.ts';
import { PipelineCharts } from './pipeline-charts.tsx';
import { ProblemLists } from './problem-lists.tsx';
import { Rows } from './rows.tsx';

function Page() {
  const { connected, jobs, tick, history, problems } = useLive();
  const [index, setIndex] = useState(0);
  const [chosen, setChosen] = useState<string>();
  const job = jobs[index] ?? jobs[0];
  const shown = jobs.indexOf(job!);
  const place = chosen ?? job?.pipelines[0]?.nodes.find(({ kind }) => kind === 'sink')?.tap;
  const ticks = (tick?.pipelines ?? []).filter((each) => each.job === shown);
  return (
    <>
      <header>
        <h1>cryptopipe</h1>
        <nav aria-label="Parts of the page">
          <a href="#flow">flow</a> <a href="#rows">rows</a> <a href="#problems">errors</a> <a href="#job">job</a>
        </nav>
        <span class="figure">{tick === undefined ? '' : `${Math.round(tick.memoryBytes / 1e6)} MB`}</span>
        <output class={connected ? 'badge running' : 'badge error'}>{connected ? 'live' : 'not connected'}</output>
      </header>
      <main>
        {jobs.length > 1 && (
          <fieldset class="bar">
            <legend>Jobs</legend>
            {jobs.map(({ name }, i) => (
              <button key={name} type="button" aria-pressed={i === shown} onClick={() => setIndex(i)}>
                {name}
              </button>
            ))}
          </fieldset>
        )}
        {job === undefined ? (
          <p class="quiet">No job is running yet.</p>
        ) : (
          <>
            <section id="flow" aria-labelledby="flow-title">
              <h2 id="flow-title">{job.name}</h2>
              {job.pipelines.map((view, p) => {
                const now = ticks.find(({ pipeline }) => pipeline === p);
                const past = history.get(pipelineKey(shown, p));
                return (
                  <article key={view.name} aria-label={`Pipeline ${view.name}`}>
                    {now?.lastError && (
                      <p class="trouble" role="alert">
                        {now.state}: {now.lastError}
                      </p>
                    )}
                    <JobGraph view={view} tick={now} chosen={place} choose={setChosen} />
                    {past !== undefined && <PipelineCharts history={past} />}
                  </article>
                );
              })}
            </section>
            <Rows jobs={jobs} chosen={place} choose={setChosen} />
          </>
        )}
        <ProblemLists problems={problems} />
        {job !== undefined && <JobText job={job} />}
      </main>
    </>
  );
}

render(<Page />, document.getElementById('page')!);
