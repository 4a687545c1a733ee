// What needs words: a problem, and a kernel that says nothing.
import { silentFor } from "./format";
import { silentS, type CardState } from "./state";
import { hasEnded, type CardView, type Problem } from "./view";

export function ProblemBlock({ view }: { view: CardView }) {
  const { problem } = view;
  if (!problem) return null;
  return (
    <div class="sdw-problem">
      <p class="sdw-problem-title">{problem.title}</p>
      {problem.what && <Text words={problem.what} />}
      <ProblemFacts problem={problem} />
    </div>
  );
}

function ProblemFacts({ problem }: { problem: Problem }) {
  const rows = [
    ["Charged", problem.charged],
    ["What to do", problem.next],
  ].filter(([, words]) => words);
  if (!rows.length) return null;
  return (
    <dl class="sdw-problem-facts">
      {rows.map(([name, words]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Text words={words ?? ""} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Silence({ state }: { state: CardState }) {
  const silent = silentS(state);
  if (silent === null) return null;
  return (
    <div class="sdw-note">
      <p>
        No word from the kernel for {silentFor(silent)}. {whereabouts(state.view)}
        {state.view.resume && (
          <>
            {" "}
            If the kernel was restarted, run <code class="sdw-code">{state.view.resume}</code>
          </>
        )}
      </p>
    </div>
  );
}

function whereabouts(view: CardView): string {
  if (hasEnded(view)) return "The generation itself has ended.";
  return view.request_id ? "The job goes on at the server." : "Whether the server has the job is not known here.";
}

/** Plain text in which `back ticks` mark code. */
export function Text({ words }: { words: string }) {
  const pieces = words.split("`");
  const paired = pieces.length % 2 === 1; // a lone back tick is only a back tick
  return <p>{paired ? pieces.map((piece, i) => (i % 2 ? <code class="sdw-code">{piece}</code> : piece)) : words}</p>;
}
