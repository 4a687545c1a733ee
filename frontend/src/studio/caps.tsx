// The caps on what may be spent, to be seen and set. They are the session's own: the kernel checks and keeps them.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../shared/button";
import { type Cap, CAPS } from "./cost";
import { type FormProps, Wrong } from "./field";

interface Props extends FormProps {
  close: () => void;
}

export function CapsPanel({ state: { view: { caps } }, act, uid, close }: Props) {
  const [typed, setTyped] = useState<Partial<Record<Cap, string>>>({}); // the other fields follow what code sets
  const [asked, setAsked] = useState("");
  const first = useRef<HTMLInputElement>(null);
  const problems = asked && asked === caps.click_id ? caps.problems : null;
  useLayoutEffect(() => first.current?.focus(), []);
  useLayoutEffect(() => {
    if (problems && !problems.length) close();
  }, [problems]);
  const set = () => (Object.keys(typed).length ? setAsked(act.cap(typed)) : close());
  const onKeyDown = (event: KeyboardEvent) => {
    const enter = event.key === "Enter";
    if (event.isComposing || !(enter || event.key === "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!enter) close();
    else if (!event.repeat) set();
  };
  return (
    <div class="sdw-note sdw-caps" role="group" aria-label="Caps" onKeyDown={onKeyDown}>
      <div class="sdw-cap-fields">
        {CAPS.map((each, index) => {
          const name: Cap = `per_${each}_usd`;
          const wrong = problems?.some(({ field }) => field === name);
          return (
            <label key={each} class="sdw-field">
              <span class="sdw-field-head">Per {each}</span>
              <input
                ref={index ? null : first}
                type="text"
                inputMode="decimal"
                class="sdw-input"
                aria-label={`Cap per ${each} in dollars`}
                placeholder="No cap"
                autocomplete="off"
                value={typed[name] ?? caps[name] ?? ""}
                onInput={(event) => {
                  setTyped({ ...typed, [name]: event.currentTarget.value });
                  setAsked("");
                }}
                aria-invalid={wrong}
                aria-describedby={wrong ? `${uid}-caps` : undefined}
              />
            </label>
          );
        })}
      </div>
      <Wrong id={`${uid}-caps`} texts={(problems ?? []).map(({ text }) => text)} />
      <div class="sdw-row">
        <span class="sdw-hint">In dollars, for all of this session: Studio, magics, sweeps and Python.</span>
        <Button onClick={set}>Set caps</Button>
      </div>
    </div>
  );
}
