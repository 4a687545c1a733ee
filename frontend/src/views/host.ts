// The messages of the grid and Compare that go to the kernel.
import type { WidgetManager } from "../shared/embed";
import { type BaseModel, type RenderContext as Context, send } from "../shared/host";

export interface Model extends BaseModel {
  /** Where other widgets can be had; hosts that can less leave it out. */
  widget_manager?: WidgetManager;
}
export type RenderContext = Context<Model>;

/** The answer to `code`: the same request as a magic and in Python. */
export interface CodeAnswer {
  type: "code";
  job_id: string;
  as_magic: string;
  as_python: string;
}

/** A command of the page; its answer is a change of `view`, or bytes. */
export type Command =
  | { type: "hello"; language: string }
  | { type: "export"; what: "sheet" | "film" }
  | { type: "download"; job_id: string }
  | { type: "send"; question: string }
  | { type: "decline"; question: string }
  /** Sends nothing more of the sweep; what runs goes on. */
  | { type: "hold" }
  /** The same, and the server is asked to cancel what runs. */
  | { type: "cancel_all" }
  /** Asks about the rest of the sweep: the answer is a question. */
  | { type: "ask" }
  | { type: "cancel"; job_id: string }
  /** Another widget in the place of the clips, "" for the clips again. */
  | { type: "show"; what: "choose" | "compare" | ""; job_ids: string[] }
  | { type: "star"; job_id: string; value: boolean }
  /** 1 to 5; null takes it away. */
  | { type: "rate"; job_id: string; value: number | null }
  /** The answer is `code`. */
  | { type: "code"; job_id: string }
  /** `shown_usd` is the price on the button: it is not sent for more. */
  | { type: "again"; job_id: string; shown_usd: number | null }
  | { type: "delete"; job_id: string }
  | { type: "tag"; job_id: string; tags: string[] }
  | { type: "note"; job_id: string; text: string }
  /** Asks for the code that the first view does not need. */
  | { type: "later" }
  | { type: "reject"; job_id: string; value: boolean }
  | { type: "pick"; job_id: string; value: boolean }
  | { type: "clip"; job_id: string; offset: number; length: number }
  | { type: "poster"; job_id: string };

export type Post = (command: Command) => void;

/** Sends commands, each with an id of its own. */
export function postTo(model: Model): Post {
  return (command) => void send(model, command);
}
