// The grid, top to bottom: what can be done with all, rows and columns, and the chosen clip large.
import { Button } from "../shared/button";
import { silentFor } from "../shared/format";
import { Icon } from "../shared/icons";
import { keepKeys, SUPPRESS } from "../shared/keys";
import { fileUrl } from "../shared/files";
import { Cell } from "./cell";
import type { GridActions } from "./grid-actions";
import { clipsOf, type GridState, isAnswered, isMoving, type Order, silentS } from "./grid-state";
import { PAUSE, PLAY } from "./glyphs";
import { withMarks } from "./marks";
import { part } from "./parts";
import type { Clips } from "./sources";
import type { ExportView, GroupView, QuestionView } from "./view";

export interface Props {
  state: GridState;
  act: GridActions;
  clips: Clips;
  base: string | null;
  uid: string;
}

export function Grid(props: Props) {
  const { state, act } = props;
  const { opened } = state;
  const Opened = part("Opened");
  return (
    <section class="sdw-views sdw-grid" tabIndex={-1} aria-label="Seedance grid" {...SUPPRESS} onKeyDown={keepKeys}>
      <div class="sdw-unseen" role="status" aria-live="polite">
        {state.said}
      </div>
      {opened && Opened ? <Opened key={opened} act={act} /> : <Whole {...props} />}
    </section>
  );
}

function Whole(props: Props) {
  const { state, act, base, uid } = props;
  const { view } = state;
  const chosen = state.stage ? view.cells[state.stage] : undefined;
  const ready = clipsOf(view).length;
  const silent = silentS(state);
  const [Wishes, Stage, ByAxis] = [part("Wishes"), part("Stage"), part("ByAxis")];
  return (
    <>
      <div class="sdw-views-top">
        <span>
          <span class="sdw-views-title">{view.summary}</span>
          {view.shared && <span class="sdw-quiet"> · {view.shared}</span>}
        </span>
        <Sending {...props} />
        <span class="sdw-views-right">
          <span class="sdw-badge">{view.label}</span>
          {ready > 0 && (
            <Button title="Look through the clips one at a time, and rate, star or reject each" onClick={() => act.show("choose")}>
              Choose
            </Button>
          )}
        </span>
      </div>
      {view.question && <Question {...props} question={view.question} />}
      {view.note && <p class="sdw-note">{view.note}</p>}
      {(ready > 0 || !(view.question || view.note)) && (
        <div class="sdw-bar-of-tools">
          <Button class="sdw-button sdw-go" off={!ready} onClick={act.playAll}>
            <Icon path={state.playing ? PAUSE : PLAY} fill="currentColor" />
            {state.playing ? "Pause" : "Play all"}
          </Button>
          <ExportButton {...props} what="sheet" name="Export contact sheet" />
          <ExportButton {...props} what="film" name="Export side-by-side" />
        </div>
      )}
      {Wishes && <Wishes state={state} act={act} />}
      {view.exports.map((each) => each.state !== "busy" && <Exported key={each.what} made={each} base={base} />)}
      {silent !== null && (
        <p class="sdw-note">
          No word from the kernel for {silentFor(silent)}. {isAnswered(state) ? "Your answer may not have reached it." : "The jobs go on at the server."}
        </p>
      )}
      {view.groups.map((group, i) => (
        <Group key={i} {...props} group={group} number={i} />
      ))}
      {chosen && (Stage ? <Stage key={chosen.job_id} {...props} cell={withMarks(chosen, state.pressed)} /> : <p class="sdw-note">Loading…</p>)}
      {ByAxis && <ByAxis axes={view.by_axis} id={`${uid}-taught`} />}
    </>
  );
}

/** What can be done about a sweep that is being sent, or was not sent whole. */
function Sending({ state, act }: Props) {
  const { sweep, question, jobs } = state.view;
  if (!sweep) return null;
  const { sending, running, unsent } = sweep;
  const order = (what: Order, name: string, title: string) => (
    <Button off={state.ordered !== ""} title={title} onClick={() => act.order(what)}>
      {name}
    </Button>
  );
  const cancelling = state.ordered === "cancel_all";
  const rest = !sending && unsent > 0 && !question;
  if (!rest && !running && !sending) return null;
  return (
    <span class="sdw-sending">
      {sending && unsent > 0 && order("hold", "Stop sending", "Send nothing more; what runs goes on")}
      {(running > 0 || (sending && unsent > 0)) &&
        order("cancel_all", cancelling ? "Cancelling…" : "Cancel all", "Send nothing more, and ask the server to cancel what runs")}
      {rest && order("ask", unsent < jobs ? "Send the rest…" : "Send…", "Shows the price first")}
    </span>
  );
}

/** Nothing is sent before its first button. What was answered here rests until the kernel has heard it. */
function Question({ state, act, question, uid }: Props & { question: QuestionView }) {
  const off = isAnswered(state);
  return (
    <div class="sdw-note sdw-row sdw-ask" role="group" aria-labelledby={`${uid}-ask`}>
      <span id={`${uid}-ask`}>{question.text}</span>
      <div class="sdw-bar-of-tools">
        <Button class="sdw-button sdw-go" off={off} onClick={() => act.answer("send")}>
          {question.send}
        </Button>
        <Button off={off} onClick={() => act.answer("decline")}>
          Not now
        </Button>
      </div>
    </div>
  );
}

function ExportButton({ state, act, what, name }: Props & { what: "sheet" | "film"; name: string }) {
  const busy = state.view.exports.find((each) => each.what === what)?.state === "busy";
  return (
    <Button off={busy || !clipsOf(state.view).length} onClick={() => act.export(what)}>
      {busy ? `${name}…` : name}
    </Button>
  );
}

function Exported({ made, base }: { made: ExportView; base: string | null }) {
  const url = fileUrl(made.url, base);
  if (made.state === "failed") return <p class="sdw-note" data-tone="bad">{made.text}</p>;
  return (
    <p class="sdw-note">
      {"Saved as "}
      {url ? (
        <a class="sdw-link" href={url} target="_blank" rel="noopener">
          {made.text}
        </a>
      ) : (
        <code class="sdw-code">{made.text}</code>
      )}
    </p>
  );
}

function Group(props: Props & { group: GroupView; number: number }) {
  const { group, number, uid } = props;
  const id = `${uid}-${number}`;
  const heading = group.heading && (
    <h3 class="sdw-group-title" id={id} translate={false}>
      {group.heading}
    </h3>
  );
  if (!group.columns.length) {
    return (
      <div>
        {heading}
        <ul class="sdw-wrapped" aria-label={group.heading || "Clips"}>
          {group.rows.flatMap((row) => row.cells).map((ids) => (
            <li key={ids[0]}>
              <Cells {...props} ids={ids} titled={false} />
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div>
      {heading}
      <div class="sdw-scroll">
        <table class="sdw-table" aria-label={group.heading || group.corner} style={{ "--sdw-columns": String(group.columns.length) }}>
          <thead>
            <tr>
              <td class="sdw-corner" translate={false}>{group.corner}</td>
              {group.columns.map((column) => (
                <th key={column} scope="col" dir="auto" translate={false}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {group.rows.map((row) => (
              <tr key={row.heading}>
                <th scope="row" dir="auto" translate={false}>
                  {row.heading}
                </th>
                {row.cells.map((ids, i) => (
                  <td key={i}>{ids.length ? <Cells {...props} ids={ids} titled /> : <div class="sdw-cell-none">not in the sweep</div>}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Cells({ state, act, clips, ids, titled }: Props & { ids: string[]; titled: boolean }) {
  const silent = silentS(state) !== null;
  return (
    <>
      {ids.map((id) => {
        const cell = state.view.cells[id];
        if (!cell) return null;
        const moving = isMoving(cell);
        return (
          <Cell
            key={id}
            cell={withMarks(cell, state.pressed)}
            cancelling={state.cancelling.includes(id)}
            poster={state.posters[id] ?? null}
            url={state.live.has(id) ? clips.url(cell) : null}
            live={state.live.has(id)}
            chosen={state.stage === id}
            picked={state.picked.includes(id)}
            seen={state.seen.has(id)}
            Bar={part("TileActions")}
            titled={titled}
            silent={moving && silent}
            clockOf={state.clocks[id]}
            now={moving ? state.now : 0}
            heardAt={moving ? state.heardAt : 0}
            act={act}
          />
        );
      })}
    </>
  );
}
