// The widget host as the card sees it, and the messages that go to the kernel.
import { type BaseModel, type RenderContext as Context, clickId } from "../shared/host";

export type Model = BaseModel;
export type RenderContext = Context<Model>;

/** A command of the page; its answer is a change of `view`, or clip bytes. */
export type Command =
  | { type: "hello"; page: string }
  | { type: "cancel" }
  | { type: "download" }
  | { type: "clip"; offset: number; length: number };

export type Post = (command: Command) => void;

/** Sends commands, each with an id of its own. */
export function postTo(model: Model): Post {
  return (command) => model.send({ ...command, click_id: clickId() });
}
