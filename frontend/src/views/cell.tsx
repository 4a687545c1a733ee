// One cell of the grid: a job that runs in words and a bar, one that failed with its reason, one that is ready as a clip.
import { Component, createRef } from "preact";
import { hasEnded } from "../shared/job-view";
import { frame } from "../shared/clip";
import { secondsMore, secondsOf, NO_CLOCK, type JobClock } from "../shared/clock";
import { clock } from "../shared/format";
import { Button } from "../shared/button";
import { cancelNote, cancelWords, showsCancel } from "../shared/cancel";
import { StatusIcon } from "../shared/icons";
import { DownloadMeter, Meter } from "../shared/meter";
import { toneOf } from "../shared/tone";
import { MarkSigns } from "./mark-signs";
import type { CellActions } from "./grid-actions";
import { markOf } from "./marks";
import type { Parts } from "./parts";
import type { CellView } from "./view";

const TALLEST_PX = 320;

interface Props {
  cell: CellView;
  poster: string | null;
  url: string | null;
  live: boolean;
  chosen: boolean;
  /** Whether it is chosen to be compared. */
  picked: boolean;
  /** Whether a person can see it. */
  seen: boolean;
  /** What can be done with a clip, as soon as it is here. */
  Bar: Parts["TileActions"] | undefined;
  /** Whether its caption stands in the headings of a table. */
  titled: boolean;
  silent: boolean;
  /** Whether it was asked to be cancelled here. */
  cancelling: boolean;
  clockOf: JobClock | undefined;
  now: number;
  heardAt: number;
  act: CellActions;
}

/** Drawn again only when something about it has changed: of hundreds of cells few move at a time. */
export class Cell extends Component<Props> {
  readonly #root = createRef<HTMLDivElement>();

  override shouldComponentUpdate(next: Readonly<Props>): boolean {
    const before = this.props as unknown as Record<string, unknown>;
    return Object.entries(next).some(([name, value]) => before[name] !== value);
  }
  override componentDidMount(): void {
    if (this.#root.current) this.props.act.watch(this.#root.current, this.props.cell.job_id);
  }
  override componentWillUnmount(): void {
    if (this.#root.current) this.props.act.forget(this.#root.current);
  }

  override render({ cell, act, titled, silent, picked, seen, Bar }: Props) {
    const { job_id } = cell;
    const mood = cell.status === "unsent" ? " sdw-unsent" : silent && !cell.final ? " sdw-silent" : "";
    return (
      <div
        ref={this.#root}
        class={`sdw-cell${mood}`}
        data-tone={toneOf(cell.status)}
        data-picked={picked}
        data-sdw-job={job_id}
        onPointerEnter={() => act.point(job_id)}
        onPointerLeave={() => act.leave(job_id)}
      >
        {cell.clip ? <Picture {...this.props} /> : <Waiting {...this.props} />}
        {cell.clip && (
          <div class="sdw-cell-actions">{seen && Bar && <Bar cell={cell} picked={picked} open={false} act={act} />}</div>
        )}
        {!titled && (
          <p class="sdw-cell-title" dir="auto" translate={false} title={cell.caption}>
            {cell.caption}
          </p>
        )}
      </div>
    );
  }
}

function Picture({ cell, poster, url, live, chosen, act }: Props) {
  const { clip, job_id, caption, starred, rating, rejected } = cell;
  const name = [`Open ${caption}`, starred && "starred", rating && `rated ${rating}`, rejected && "rejected"].filter(Boolean).join(", ");
  return (
    <button
      type="button"
      class="sdw-cell-open"
      aria-label={name}
      aria-pressed={chosen}
      style={frame(clip, TALLEST_PX)}
      onClick={() => act.open(job_id)}
      onFocus={() => act.point(job_id)}
      onBlur={() => act.leave(job_id)}
      onKeyDown={(event) => {
        const mark = markOf(event);
        if (mark !== undefined) act.key(job_id, mark);
      }}
      data-cell={job_id}
      data-rejected={rejected}
    >
      {poster && <img src={poster} alt="" />}
      {live && url && (
        <video src={url} data-sdw-job={job_id} muted playsInline preload="auto" tabIndex={-1} aria-hidden="true" onError={() => act.refused(job_id)} />
      )}
      <MarkSigns cell={cell} />
      <span class="sdw-cell-words" dir="auto" translate={false} aria-hidden="true">
        {cell.prompt}
      </span>
    </button>
  );
}

function Waiting({ cell, silent, cancelling, clockOf = NO_CLOCK, now, heardAt, act }: Props) {
  const { problem } = cell;
  const clocked = !cell.final && cell.status !== "unconfirmed";
  return (
    <div class="sdw-cell-box">
      <div class="sdw-status">
        <StatusIcon tone={toneOf(cell.status)} />
        <span>{cell.status_text}</span>
        {clocked && <span class="sdw-elapsed">{clock(secondsOf(cell, clockOf, now))}</span>}
      </div>
      {!hasEnded(cell) && <Meter view={cell} more_s={secondsMore(cell, clockOf, now, heardAt)} silent={silent} />}
      <DownloadMeter view={cell} silent={silent} asked={false} again={() => act.download(cell.job_id)} />
      {showsCancel(cell) && (
        <Button
          class="sdw-button sdw-cell-cancel"
          off={cancelling || cell.cancel !== "available" || silent}
          aria-label={`${cancelWords(cell, cancelling || cell.cancel === "asked")} ${cell.caption}`}
          title={cancelNote(cell) ?? undefined}
          onClick={() => act.cancel(cell.job_id)}
        >
          {cancelWords(cell, cancelling || cell.cancel === "asked")}
        </Button>
      )}
      {problem && (
        <p class="sdw-cell-why" title={`${problem.what} ${problem.charged} ${problem.next}`.trim()}>
          {problem.what} {problem.charged}
        </p>
      )}
    </div>
  );
}
