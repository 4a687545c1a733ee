// The prompt and the cost of one job, in a dialog.
import { Dialog, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { render } from "preact";
import { cost, credits, dotted } from "../../src/shared/format";
import { rootClass } from "../../src/shared/host";
import { factsOf, type Job } from "./job";

export async function showStory(job: Job): Promise<"open" | null> {
  const body = new Widget();
  body.node.className += ` ${rootClass("lab")} sdw-lab-story`;
  const paid = dotted(job.cost_usd !== null && cost(job.cost_usd), job.credits_charged !== null && credits(job.credits_charged, job.service));
  render(
    <>
      <p class="sdw-prompt-text" dir="auto">
        {job.prompt}
      </p>
      <p class="sdw-hint">{factsOf({ ...job, cost_usd: null })}</p>
      <p>{paid || "No known price."}</p>
      {job.note && <p>{job.note}</p>}
    </>,
    body.node,
  );
  const buttons = [Dialog.cancelButton({ label: "Close" }), Dialog.okButton({ label: "Open" })];
  const { button } = await showDialog({ title: "Seedance clip", body, buttons });
  render(null, body.node);
  return button.accept ? "open" : null;
}
