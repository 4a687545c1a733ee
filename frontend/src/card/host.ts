// The widget host as the card sees it, and the messages that go to the kernel.
import { type BaseModel, type RenderContext as Context, send } from "../shared/host";

export type Model = BaseModel;
export type RenderContext = Context<Model>;

/** A command of the page; its answer is a change of `view`, or clip bytes. */
export type Command =
  | { type: "hello"; page: string; language: string }
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
  return (command) => void send(model, command);
}
