// The card, top to bottom. Every part is a function of the state.
import { Options } from "../shared/facts";
import { keepKeys, SUPPRESS } from "../shared/keys";
import { DownloadMeter, Meter } from "../shared/meter";
import { ProblemBlock } from "../shared/problem";
import { Prompt } from "../shared/prompt";
import { toneOf } from "../shared/tone";
import { Footer } from "./footer";
import { Header } from "./header";
import { Media } from "./media";
import { Silence } from "./notes";
import type { PartProps } from "./props";
import { extraS, silentS } from "./state";

export function Card({ state, act }: PartProps) {
  const { view } = state;
  const silent = silentS(state) !== null;
  return (
    <article
      class={silent ? "sdw-card sdw-silent" : "sdw-card"}
      aria-label="Seedance job"
      data-tone={toneOf(view.status)}
      data-sdw-job={view.job_id}
      {...SUPPRESS}
      onKeyDown={keepKeys}
    >
      <Media state={state} act={act} />
      <div class="sdw-body">
        <Header state={state} act={act} />
        <Prompt text={view.prompt} />
        <Meter view={view} more_s={extraS(state)} silent={silent} />
        <DownloadMeter view={view} silent={silent} asked={state.retryPressed} again={act.download} />
        <Silence state={state} />
        <ProblemBlock problem={view.problem} />
        <Options view={view} />
        <Footer view={view} />
      </div>
    </article>
  );
}
