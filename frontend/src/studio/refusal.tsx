// What came of the last command, when that was a problem; it can be put out of sight.
import type { Problem } from "../shared/job-view";
import { Button } from "../shared/button";
import { ProblemBlock } from "../shared/problem";
import type { Actions } from "./actions";

export function Refusal({ problem, act }: { problem: Problem | null; act: Actions }) {
  if (!problem) return null;
  return (
    <div class="sdw-refusal" data-tone="bad">
      <ProblemBlock problem={problem}>
        <div class="sdw-actions">
          {problem.fix === "caps" && <Button onClick={() => act.openCaps(true)}>Change caps</Button>}
          <Button onClick={act.putAway}>Dismiss</Button>
        </div>
      </ProblemBlock>
    </div>
  );
}
