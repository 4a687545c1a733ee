// The prompts that are saved beside the notebook: one fills the form, and the form is saved under a name.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../shared/button";
import { Text } from "../shared/problem";
import { useRoving } from "../shared/roving";
import type { FormProps } from "./field";
import type { SavedView } from "./host";
import { optionWords } from "./jobs";
import { PROMPT } from "./prompts";
import { leftOf } from "./state";
import { onEscape } from "../shared/keys";

interface Props extends FormProps {
  close: () => void;
}

export function PromptsPanel(props: Props) {
  const { state: { prompts }, act, close } = props;
  const box = useRef<HTMLDivElement>(null);
  const [asked, setAsked] = useState("");
  const list = useRoving<HTMLUListElement>(true);
  const isFirst = prompts?.click_id === asked;
  useLayoutEffect(() => {
    box.current?.focus();
    setAsked(act.send({ type: "prompts" }));
  }, []);
  useLayoutEffect(() => {
    if (isFirst && box.current?.contains(rootOf(box.current).activeElement)) box.current.querySelector<HTMLElement>("li button, input")?.focus();
  }, [isFirst]);
  return (
    <div ref={box} class="sdw-note sdw-prompts" role="group" aria-label="Saved prompts" tabIndex={-1} onKeyDown={onEscape(close)}>
      {!prompts ? (
        <p class="sdw-hint">Loading…</p>
      ) : prompts.items.length ? (
        <ul class="sdw-saved" role="list" {...list}>
          {prompts.items.map((item) => (
            <Saved key={item.name} {...props} item={item} />
          ))}
        </ul>
      ) : (
        !prompts.problem && <p class="sdw-hint">No prompts are saved yet. They go into {prompts.file}, beside the notebook.</p>
      )}
      <Save {...props} />
    </div>
  );
}

function rootOf(element: HTMLElement): Document | ShadowRoot {
  return element.getRootNode() as Document | ShadowRoot;
}

function Saved({ item: { name, request, text }, state, act }: Props & { item: SavedView }) {
  const left_s = leftOf(state, PROMPT + name);
  const again = useRef<HTMLButtonElement>(null);
  const undo = useRef<HTMLButtonElement>(null);
  const turn = (back: boolean) => {
    act.forgetPrompt(name, back);
    (back ? again : undo).current?.focus(); // the state is drawn at once
  };
  if (left_s !== null) {
    return (
      <li class="sdw-row" role="status" aria-live="off">
        <span>{left_s ? `Deleting “${name}” in ${left_s} s` : `Deleting “${name}”…`}</span>
        <Button ref={undo} off={!left_s} onClick={() => turn(true)}>
          Undo
        </Button>
      </li>
    );
  }
  return (
    <li class="sdw-row">
      <Button class="sdw-saved-prompt" translate={false} off={!request} title={request?.prompt} onClick={() => act.usePrompt(name, request!)}>
        <strong translate={false}>{name}</strong>
        {request && <span class="sdw-saved-words" dir="auto" translate={false}>{request.prompt}</span>}
        {request && <span class="sdw-hint">{optionWords(request)}</span>}
        {text && <span class="sdw-hint">{text}</span>}
      </Button>
      <Button ref={again} aria-label={`Delete ${name}`} onClick={() => turn(false)}>
        Delete
      </Button>
    </li>
  );
}

/** Saves what stands in the form. */
function Save({ state, act }: Props) {
  const [name, setName] = useState("");
  const [asked, setAsked] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const { prompts, draft: { request } } = state;
  const answer = prompts && (asked === prompts.click_id || (!asked && prompts.problem)) ? prompts : null;
  const off = !name.trim() || !request.prompt.trim();
  const save = (replace: boolean) => {
    const name = field.current?.value ?? "";
    if (name.trim() && request.prompt.trim()) setAsked(act.send({ type: "save_prompt", name, request, replace }));
  };
  useLayoutEffect(() => {
    if (answer?.saved) setName("");
  }, [answer]);
  return (
    <>
      {answer?.problem && (
        <div class="sdw-row">
          <div class="sdw-wrong-text">
            <Text words={answer.problem} />
          </div>
          {answer.taken && <Button onClick={() => { save(true); field.current?.focus(); }}>Replace it</Button>}
        </div>
      )}
      {answer?.saved && <p class="sdw-hint">Saved as “{answer.saved}”.</p>}
      <div class="sdw-add">
        <input
          ref={field}
          type="text"
          class="sdw-input"
          aria-label="Name"
          placeholder={request.prompt.trim() ? "A name for this prompt and its options" : "Write a prompt to save it"}
          maxLength={100}
          autocomplete="off"
          value={name}
          onInput={(event) => {
            setName(event.currentTarget.value);
            setAsked("");
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            if (!event.repeat) save(false);
          }}
        />
        <Button off={off} onClick={() => save(false)}>
          Save this prompt
        </Button>
      </div>
    </>
  );
}
