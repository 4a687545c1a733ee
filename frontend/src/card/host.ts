// The widget host as the card sees it, and the messages that go to the kernel.
import { type BaseModel, type RenderContext as Context, clickId } from "../shared/host";

export type Model = BaseModel;
export type RenderContext = Context<Model>;

/** A command of the page; its answer is a change of `view`, or clip bytes. */
export type Command =
  | { type: "hello"; page: string }
  | { type: "cancel" }
  | { type: "download" }
  | { type: "clip"; offset: number; length: number }
  | Presence;

/** Where the card is, so that the kernel knows whether somebody needs it: see `widgets/presence.py`. */
export type Presence =
  | { type: "shown"; view: string; beside: boolean }
  | { type: "gone"; view: string }
  | { type: "looked"; look: number; there: boolean };

/** The kernel asks whether what replaces the card is in the page: whether there is an element of each class. */
export interface Look {
  type: string;
  look: number;
  marks: string[];
}

export type Post = (command: Command) => void;

/** Sends commands, each with an id of its own. */
export function postTo(model: Model): Post {
  return (command) => model.send({ ...command, click_id: clickId() });
}

/** The same where nobody may listen any more: a page that is closed cuts its line first. */
export function tryToPost(model: Model, command: Command): void {
  try {
    postTo(model)(command);
  } catch {
    // Then the kernel takes the card for one that is still shown, and keeps it.
  }
}
