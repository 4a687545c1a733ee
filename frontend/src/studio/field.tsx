// What every field of the form has: its name, a hint, and its problem in words, tied together for assistive technology.
import type { ComponentChildren } from "preact";
import { Text } from "../shared/problem";
import type { Actions } from "./actions";
import type { Field as Name } from "./request";
import { problemsOf, type StudioState } from "./state";
import type { FieldProblem } from "./view";

export interface FormProps {
  state: StudioState;
  act: Actions;
  uid: string;
}

/** The attributes that tie a control to the problem and the hint of its field. */
export function tied({ state, uid }: FormProps, name: Name, hint = false) {
  const wrong = wholeOf(state, name).length > 0;
  const ids = [wrong && "problem", hint && "hint"].filter(Boolean).map((part) => `${uid}-${name}-${part}`);
  return { "aria-invalid": wrong ? ("true" as const) : undefined, "aria-describedby": ids.join(" ") || undefined };
}

/** The problems of a field as a whole. */
function wholeOf(state: StudioState, name: Name): FieldProblem[] {
  return problemsOf(state, name).filter(({ index }) => index === null);
}

interface FieldProps extends FormProps {
  name: Name;
  /** The name and what stands beside it. */
  head: ComponentChildren;
  children: ComponentChildren;
}

export function Field({ name, head, children, state, uid }: FieldProps) {
  const problems = wholeOf(state, name);
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
