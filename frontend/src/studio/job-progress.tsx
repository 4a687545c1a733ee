// How a job is doing: the same on the stage and in the list.
import type { ComponentChildren } from "preact";
import { secondsMore, secondsOf } from "../shared/clock";
import { clock } from "../shared/format";
import { StatusIcon } from "../shared/icons";
import { DownloadMeter, Meter } from "../shared/meter";
import { toneOf } from "../shared/tone";
import type { Actions } from "./actions";
import type { Known } from "./jobs";
import type { JobView } from "./view";

export interface JobProgressProps {
  job: JobView;
  known: Known;
  now: number;
  heardAt: number;
  /** Whether the kernel has been silent for too long. */
  silent: boolean;
  act: Actions;
  /** Stands beside the status. */
  children?: ComponentChildren;
}

export function JobProgress({ job, known, now, heardAt, silent, act, children }: JobProgressProps) {
  return (
    <>
      <div class="sdw-job-line">
        <span class="sdw-status">
          <StatusIcon tone={toneOf(job.status)} />
          <span>{job.status_text}</span>
        </span>
        {/* Of an unconfirmed job nothing is known to be running. */}
        {!job.final && job.status !== "unconfirmed" && (
          <span class="sdw-elapsed" title="Since submitting">
            {clock(secondsOf(job, known.clock, now))}
          </span>
        )}
        {children}
      </div>
      {job.estimate && <Meter view={job} more_s={secondsMore(job, known.clock, now, heardAt)} silent={silent} />}
      <DownloadMeter view={job} silent={silent} asked={!!known.pressed?.download} again={() => act.download(job.job_id)} />
    </>
  );
}
