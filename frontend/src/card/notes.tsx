// A kernel that says nothing.
import { silentFor } from "../shared/format";
import { silentS, type CardState } from "./state";
import { hasEnded, type CardView } from "../shared/job-view";

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
