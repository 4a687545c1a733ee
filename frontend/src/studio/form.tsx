// The form: what to ask for, what it will cost, and the one button that spends.
import type { ComponentChildren } from "preact";
import { Button } from "../shared/button";
import { cost, counted, dotted } from "../shared/format";
import { useRef } from "preact/hooks";
import { Choice, DurationField, ModelField, PlainField, Shape } from "./choices";
import { capRemark, capsWords, dollars, priceNote } from "./cost";
import { Field, type FormProps, tied } from "./field";
import { MediaField } from "./media-field";
import { Refusal } from "./refusal";
import { isLoading, modelOf, outcomeOf, priceNow, short, stageOf, takesOf, underWay } from "./state";
import { plainOptions } from "./request";
import { late } from "./parts";
import { isOnItsWay, isUnheard, rests } from "./submit";

const CapsPanel = late("CapsPanel");
const PromptsPanel = late("PromptsPanel");
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

export function Form(props: FormProps) {
  const { state, act } = props;
  const { aspect_ratios, resolutions } = modelOf(state);
  const keys = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    const forth = key === "y" || (key === "z" && event.shiftKey);
    const steps = /^[zy]$/.test(key) && act.step(forth, event.target);
    if (key !== "enter" && !steps) return;
    event.preventDefault();
    event.stopPropagation();
    if (!steps && !event.repeat) act.submit();
  };
  return (
    <div class="sdw-form" role="group" aria-label="Request" onKeyDown={keys}>
      <GoesOn {...props} />
      <PromptField {...props} />
      <ModelField {...props} />
      <Remark {...props} />
      <Choice {...props} name="aspect_ratio" label="Aspect ratio" allowed={aspect_ratios} picture={(ratio) => <Shape ratio={ratio} />} />
      <div class="sdw-pair">
        <DurationField {...props} />
        <Choice {...props} name="resolution" label="Resolution" allowed={resolutions} />
      </div>
      {plainOptions(state.view.options).map((option) => (
        <PlainField key={option.name} {...props} option={option} />
      ))}
      <MediaField {...props} />
      <Send {...props} />
      <Delivery {...props} />
      {!isLoading(state) && <Outcome {...props} />}
    </div>
  );
}

function PromptField(props: FormProps) {
  const { state, act, uid } = props;
  const { prompt } = state.draft.request;
  const { promptsOpen: open } = state;
  const button = useRef<HTMLButtonElement>(null);
  const id = `${uid}-prompt`;
  const close = () => {
    act.openPrompts(false);
    button.current?.focus();
  };
  const head = (
    <>
      <label for={id}>Prompt</label>
      {prompt && <span class="sdw-count">{counted([...prompt].length)} characters</span>}
      <Button ref={button} class="sdw-link" aria-expanded={open} onClick={() => act.openPrompts(!open)}>
        Saved prompts
      </Button>
    </>
  );
  return (
    <>
    <Field {...props} name="prompt" head={head}>
      {/* The box is as high as its text: an invisible copy below it holds the place open. */}
      <div class="sdw-grow" data-text={`${prompt} `}>
        <textarea
          id={id}
          class="sdw-input"
          rows={4}
          dir="auto"
          placeholder="What does the video show? Say who, where, how it moves, and how the camera sees it."
          value={prompt}
          onInput={(event) => act.edit({ prompt: event.currentTarget.value })}
          onKeyDown={(event) => act.recall(event.currentTarget, event)}
          onBlur={() => prompt || act.leave("prompt")}
          {...tied(props, "prompt")}
        />
      </div>
    </Field>
    {open && <PromptsPanel {...props} close={close} />}
    </>
  );
}

/** The clip that the next one goes on from. */
function GoesOn({ state: { goesOn }, act }: FormProps) {
  if (!goesOn) return null;
  return (
    <div class="sdw-remark sdw-row">
      <span>Continues from the last frame of “{short(goesOn.prompt)}”</span>
      <Button onClick={() => act.goOn(null)}>Start fresh</Button>
    </div>
  );
}

function Remark({ state, act }: FormProps) {
  const { remark } = state;
  if (!remark) return null;
  return (
    <div class="sdw-remark sdw-row">
      <span>{remark.text}</span>
      {remark.before && (
        <Button onClick={act.undo}>
          Undo
        </Button>
      )}
    </div>
  );
}

function Send(props: FormProps) {
  const { state, act } = props;
  const { capsOpen: open } = state;
  const button = useRef<HTMLButtonElement>(null);
  const words = capsWords(state.view.caps);
  const close = () => {
    act.openCaps(false);
    button.current?.focus();
  };
  return (
    <>
      <div class="sdw-send">
        <Cost {...props}>
          <Button ref={button} class="sdw-link" aria-expanded={open} onClick={() => act.openCaps(!open)}>
            Caps{words && `: ${words}`}
          </Button>
        </Cost>
        <div class="sdw-go-row">
          <span class="sdw-hint" aria-hidden="true">Takes</span>
          <Takes {...props} />
          <Generate {...props} />
        </div>
      </div>
      {open && <CapsPanel {...props} close={close} />}
    </>
  );
}

function Cost({ state, children }: FormProps & { children: ComponentChildren }) {
  const { money, models, caps } = state.view;
  const usd = priceNow(state);
  const takes = takesOf(state);
  const left = money.cap_left_usd;
  const remark = models.length > 0 && capRemark(caps, left, usd, takes);
  return (
    <div class="sdw-cost">
      <p class="sdw-price">
        {usd === null ? "Price not published" : cost(usd)}
        {takes > 1 && <span class="sdw-hint"> for {takes} takes</span>}
      </p>
      <p class="sdw-hint">
        {dotted(priceNote(state.draft.request), `Today ${dollars(money.today_usd)}`, `this session ${dollars(money.session_usd)}`, left !== null && `${dollars(left)} left of the cap`)}
      </p>
      {money.unknown > 0 && <p class="sdw-hint">Excludes {money.unknown === 1 ? "1 job" : `${money.unknown} jobs`} with no published price</p>}
      {children}
      {remark && <div class="sdw-wrong-text">{remark}</div>}
    </div>
  );
}

const TAKES = [1, 2, 3, 4];

/** How many of the same at once. */
function Takes({ state, act, uid }: FormProps) {
  return (
    <div class="sdw-takes" role="radiogroup" aria-label="Takes" title="Takes: how many clips of this request">
      {TAKES.map((many) => (
        <label key={many} class="sdw-choice">
          <input type="radio" name={`${uid}-takes`} value={many} checked={takesOf(state) === many} disabled={!!state.goesOn} onChange={() => act.takes(many)} />
          <span>{many}</span>
        </label>
      ))}
    </div>
  );
}

function Generate({ state, act }: FormProps) {
  const busy = isOnItsWay(state.submits, state.now);
  const off = !state.view.models.length || rests(state.submits, state.now);
  return (
    <Button
      class="sdw-button sdw-generate"
      off={off}
      aria-keyshortcuts={MAC ? "Meta+Enter" : "Control+Enter"}
      title={MAC ? "⌘ Enter" : "Ctrl+Enter"}
      onKeyDown={(event) => event.repeat && event.key === "Enter" && event.preventDefault()}
      onClick={(event) => event.detail < 2 && act.submit()}
    >
      Generate{busy && ": sending…"}
    </Button>
  );
}

/** What is on its way, and a kernel that does not answer. */
function Delivery({ state }: FormProps) {
  if (isUnheard(state.submits, state.now)) {
    return (
      <div class="sdw-note">
        The kernel is busy and has not taken the request yet. It takes it once: pressing Generate again makes no second job.
      </div>
    );
  }
  const count = underWay(state);
  if (!count || isOnItsWay(state.submits, state.now)) return null;
  return <p class="sdw-hint">{count === 1 ? "Sending a request…" : `Sending ${count} requests…`}</p>;
}

function Outcome({ state, act }: FormProps) {
  const outcome = outcomeOf(state);
  if (!outcome) return null;
  if (outcome.ask) {
    return (
      <div class="sdw-note sdw-ask">
        <p>{outcome.ask}</p>
        <div class="sdw-actions">
          <Button off={rests(state.submits, state.now)} onClick={act.sendAgain}>
            {outcome.yes ?? "Send again"}
          </Button>
          <Button onClick={act.putAway}>
            Not now
          </Button>
        </div>
      </div>
    );
  }
  // On the stage it stands with what can be done about it.
  return outcome.job_id && stageOf(state)?.problem && state.selected === outcome.job_id ? null : <Refusal problem={outcome.problem} act={act} />;
}
