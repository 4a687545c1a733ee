// What every field of the form has: its name, a hint, and its problem in words, tied together for assistive technology.
import type { ComponentChildren } from "preact";
import { Text } from "../shared/problem";
import type { Actions } from "./actions";
import type { Field as Name } from "./request";
import { problemsOf, type StudioState } from "./state";

export interface FormProps {
  state: StudioState;
  act: Actions;
  uid: string;
}

/** The attributes that tie a control to the problem and the hint of its field. */
export function tied({ state, uid }: FormProps, name: Name, hint = false) {
  const wrong = problemsOf(state, name).some(({ index }) => index === null);
  const ids = [...(wrong ? [`${uid}-${name}-problem`] : []), ...(hint ? [`${uid}-${name}-hint`] : [])];
  return { "aria-invalid": wrong ? ("true" as const) : undefined, "aria-describedby": ids.join(" ") || undefined };
}

interface FieldProps extends FormProps {
  name: Name;
  /** The name and what stands beside it. */
  head: ComponentChildren;
  children: ComponentChildren;
}

export function Field({ name, head, children, state, uid }: FieldProps) {
  const problems = problemsOf(state, name).filter(({ index }) => index === null);
  return (
    <div class={problems.length ? "sdw-field sdw-wrong" : "sdw-field"} data-field={name}>
      <div class="sdw-field-head">{head}</div>
      {children}
      <Wrong id={`${uid}-${name}-problem`} texts={problems.map(({ text }) => text)} />
    </div>
  );
}

/** Problems at their place. */
export function Wrong({ id, texts }: { id: string; texts: string[] }) {
  if (!texts.length) return null;
  return (
    <div class="sdw-wrong-text" id={id}>
      {texts.map((words) => (
        <Text key={words} words={words} />
      ))}
    </div>
  );
}
