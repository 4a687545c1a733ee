// The card, top to bottom. Every part is a function of the state.
import { Facts, Options } from "./facts";
import { Header } from "./header";
import { Media } from "./media";
import { DownloadMeter, Meter } from "./meter";
import { ProblemBlock, Silence } from "./notes";
import { Prompt } from "./prompt";
import { type CardState, silentS } from "./state";
import { toneOf } from "./tone";

/** What can be pressed. */
export interface Actions {
  cancel(): void;
  download(): void;
  pullAgain(): void;
}

export interface PartProps {
  state: CardState;
  act: Actions;
}

// A key typed in a control of ours is meant for it: JupyterLab goes by the attribute on the card, other hosts by the
// event. Chords such as Ctrl+S stay the host's.
function keepPlainKeys(event: KeyboardEvent): void {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

export function Card({ state, act }: PartProps) {
  const { view } = state;
  const silent = silentS(state) !== null;
  return (
    <article
      class={silent ? "sdw-card sdw-silent" : "sdw-card"}
      aria-label="Seedance job"
      data-tone={toneOf(view.status)}
      data-status={view.status}
      data-lm-suppress-shortcuts="true"
      onKeyDown={keepPlainKeys}
    >
      <Media state={state} act={act} />
      <div class="sdw-body">
        <Header state={state} act={act} />
        <Prompt text={view.prompt} />
        <Meter state={state} />
        <DownloadMeter state={state} act={act} />
        <Silence state={state} />
        <ProblemBlock view={view} />
        <Options view={view} />
        <Facts view={view} />
      </div>
    </article>
  );
}
