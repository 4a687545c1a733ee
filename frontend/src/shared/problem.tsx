// What went wrong, whether it cost anything, and what to do.
import type { ComponentChildren } from "preact";
import { said } from "./words";
import type { Problem } from "./job-view";

export function ProblemBlock({ problem, children }: { problem: Problem | null; children?: ComponentChildren }) {
  if (!problem) return null;
  return (
    <div class="sdw-problem">
      <p class="sdw-problem-title">{problem.title}</p>
      {problem.what && <Text words={problem.what} />}
      <ProblemFacts problem={problem} />
      {children}
      {problem.details && (
        <details class="sdw-details">
          <summary>Details</summary>
          <Text words={problem.details} />
        </details>
      )}
    </div>
  );
}

function ProblemFacts({ problem }: { problem: Problem }) {
  const rows = [
    ["Cost", problem.charged],
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

/** Plain text in which `back ticks` mark code. */
export function Text({ words }: { words: string }) {
  const pieces = said(words).split("`");
  const paired = pieces.length % 2 === 1; // a lone back tick is only a back tick
  return <p>{paired ? pieces.map((piece, i) => (i % 2 ? <code class="sdw-code">{piece}</code> : piece)) : said(words)}</p>;
}
