// Model, aspect ratio, duration, resolution: each offers what the chosen model takes.
import { dotted } from "../shared/format";
import { priceWords } from "./cost";
import { Field, type FormProps, tied } from "./field";
import { shapeOf } from "./request";
import { isLoading, modelOf } from "./state";
import type { OptionView } from "./view";

export function ModelField(props: FormProps) {
  const { state, act, uid } = props;
  const { models } = state.view;
  const { model, resolution } = state.draft.request;
  const known = models.some(({ id }) => id === model);
  return (
    <Field {...props} name="model" head={<label for={`${uid}-model`}>Model</label>}>
      <select
        id={`${uid}-model`}
        class="sdw-input"
        value={model}
        disabled={!models.length}
        onChange={(event) => act.model(event.currentTarget.value)}
        {...tied(props, "model", true)}
      >
        {!known && <option value={model}>{model || (isLoading(state) ? "Loading the models…" : "No model")}</option>}
        {models.map(({ id, best_for }) => (
          <option key={id} value={id}>
            {best_for ? `${id} · ${best_for}` : id}
          </option>
        ))}
      </select>
      <p class="sdw-hint" id={`${uid}-model-hint`}>
        {dotted(known && priceWords(modelOf(state), resolution), known && isLoading(state) && "asking the service…")}
      </p>
    </Field>
  );
}

interface ChoiceProps<T> extends FormProps {
  name: "aspect_ratio" | "duration" | "resolution";
  label: string;
  allowed: T[];
  unit?: string;
  picture?: (value: T) => preact.ComponentChildren;
}

export function Choice<T extends string | number>({ name, label, allowed, unit, picture, ...form }: ChoiceProps<T>) {
  const { state, act, uid } = form;
  const id = `${uid}-${name}`;
  return (
    <Field {...form} name={name} head={<span id={id}>{label}</span>}>
      <div class="sdw-choices" role="radiogroup" aria-labelledby={id} {...tied(form, name)}>
        {allowed.map((value) => (
          <label key={value} class={picture ? "sdw-choice sdw-shape-choice" : "sdw-choice"}>
            <input
              type="radio"
              name={id}
              value={value}
              checked={state.draft.request[name] === value}
              onChange={() => act.edit({ [name]: value })}
            />
            {picture?.(value)}
            <span>
              {value}
              {unit}
            </span>
          </label>
        ))}
      </div>
    </Field>
  );
}

const SHAPE_PX = 26;

export function Shape({ ratio }: { ratio: string }) {
  const shape = shapeOf(ratio);
  const [width, height] = shape > 1 ? [SHAPE_PX, SHAPE_PX / shape] : [SHAPE_PX * shape, SHAPE_PX];
  return (
    <span class="sdw-shape-box" aria-hidden="true">
      <span class="sdw-shape" style={{ width: `${Math.round(width)}px`, height: `${Math.round(height)}px` }} />
    </span>
  );
}

export function DurationField(props: FormProps) {
  const { durations } = modelOf(props.state);
  if (durations.length > 2 && durations.every((each, i) => i === 0 || each === (durations[i - 1] ?? 0) + 1)) {
    return <DurationSlider {...props} durations={durations} />;
  }
  return <Choice {...props} name="duration" label="Duration in seconds" allowed={durations} unit=" s" />;
}

function DurationSlider({ durations, ...form }: FormProps & { durations: number[] }) {
  const { state, act, uid } = form;
  const id = `${uid}-duration`;
  const { duration } = state.draft.request;
  const [first = 0, last = 0] = [durations[0], durations.at(-1)];
  const filled = Math.min(100, Math.max(0, (100 * (duration - first)) / (last - first)));
  const head = (
    <>
      <label for={id}>Duration in seconds</label>
      <span class="sdw-value">{duration} s</span>
    </>
  );
  return (
    <Field {...form} name="duration" head={head}>
      <div class="sdw-slider">
        <span aria-hidden="true">{first}</span>
        <input
          id={id}
          type="range"
          min={first}
          max={last}
          step={1}
          value={duration}
          style={{ "--sdw-filled": `${filled.toFixed(1)}%` }}
          aria-valuetext={`${duration} seconds`}
          onInput={(event) => act.edit({ duration: Number(event.currentTarget.value) })}
          {...tied(form, "duration")}
        />
        <span aria-hidden="true">{last}</span>
      </div>
    </Field>
  );
}

/** An option of the kernel's table that has no control of its own: a number or a word, empty for none. */
export function PlainField({ option, ...form }: FormProps & { option: OptionView }) {
  const { name, label, kind, help, unit } = option;
  const id = `${form.uid}-${name}`;
  const isNumber = kind === "integer";
  return (
    <Field {...form} name={name} head={<label for={id}>{unit ? `${label} (${unit})` : label}</label>}>
      <input
        id={id}
        class="sdw-input"
        type={(isNumber ? "number" : "text") as "number"}
        title={help}
        value={(form.state.draft.request[name] ?? "") as string}
        onInput={({ currentTarget: { value } }) => form.act.edit({ [name]: value ? (isNumber ? Math.trunc(+value) : value) : null })}
        {...tied(form, name)}
      />
    </Field>
  );
}
