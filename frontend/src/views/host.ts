// The messages of the grid and Compare that go to the kernel.
import { type BaseModel, clickId, type RenderContext as Context } from "../shared/host";

export type Model = BaseModel;
export type RenderContext = Context<Model>;

/** A command of the page; its answer is a change of `view`, or bytes. */
export type Command =
  | { type: "hello" }
  | { type: "export"; what: "sheet" | "film" }
  | { type: "download"; job_id: string }
  | { type: "send"; question: string }
  | { type: "decline"; question: string }
  | { type: "pick"; job_id: string; value: boolean }
  | { type: "clip"; job_id: string; offset: number; length: number }
  | { type: "poster"; job_id: string };

export type Post = (command: Command) => void;

/** Sends commands, each with an id of its own. */
export function postTo(model: Model): Post {
  return (command) => model.send({ ...command, click_id: clickId() });
}
