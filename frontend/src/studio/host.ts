// The widget host as the Studio sees it, and the messages that go to the kernel and come back.
import type { ClipAnswer, PosterAnswer } from "../shared/files";
import type { LaterAnswer } from "../shared/later";
import { type BaseModel, type RenderContext as Context, send } from "../shared/host";
import type { WidgetManager } from "../shared/embed";
import type { Cap } from "./cost";
import type { MediaEntry, RequestView } from "./view";

export interface Model extends BaseModel {
  set(name: string, value: unknown): void;
  save_changes(): void;
  /** Hosts that show one widget at a time have none, or one that can less. */
  widget_manager?: WidgetManager;
}

export type RenderContext = Context<Model>;

/** The job's own request once more, or a clip that goes on where the job's ends. */
export type How = "again" | "continue";

/** A command of the page; its answer is a change of a trait, or bytes. */
export type Command =
  | { type: "hello"; language: string }
  /** Asks for the code that the first view does not need. */
  | { type: "later" }
  | { type: "check"; request: RequestView }
  /** `shown_usd` is the price beside the button: it is not sent for more. `of` names the job that `how` is about. */
  | { type: "submit"; request: RequestView; shown_usd: number | null; force?: true; how?: How; of?: string; takes?: number }
  | { type: "cancel"; job_id: string }
  | { type: "download"; job_id: string }
  | { type: "adopt"; job_id: string; request_id: string }
  | { type: "discard"; job_id: string }
  /** `force`: it was unconfirmed where Delete was pressed. */
  | { type: "delete"; job_id: string; force: boolean }
  | { type: "search"; text: string; status: string; model: string; page: number; starred: boolean; tag: string; rating: number }
  | { type: "star"; job_id: string; value: boolean }
  | { type: "note"; job_id: string; text: string }
  /** null takes it away. */
  | { type: "rate"; job_id: string; value: number | null }
  | { type: "tag"; job_id: string; tags: string[] }
  /** Marks several: a star or none, or tags beside those that they have. */
  | { type: "batch"; job_ids: string[]; starred?: boolean; tags?: string[] }
  /** `plain`: without ids and costs, for others. */
  | { type: "export"; job_ids: string[]; plain: boolean }
  | { type: "clip"; job_id: string; offset: number; length: number }
  | { type: "poster"; job_id: string }
  /** The form was filled from a job. */
  | { type: "reuse"; job_id: string }
  /** Asks for the saved prompts. */
  | { type: "prompts" }
  /** Saves the form under a name. */
  | { type: "save_prompt"; name: string; request: RequestView; replace: boolean }
  | { type: "forget_prompt"; name: string }
  /** Asks for the prompts of earlier jobs. */
  | { type: "recent" }
  /** A file was dropped; beside it what `headOf` took of it. */
  | { type: "open"; name: string }
  /** A piece of a file for the media, in the buffer beside it; pieces of one `upload` follow each other. */
  | { type: "medium"; upload: string; name: string; offset: number; size: number }
  /** The picture of a clip at an instant in seconds, for the media; null: the last one. */
  | { type: "frame"; job_id: string; at_s: number | null }
  /** What is known of a medium that the form holds. */
  | { type: "known"; url: string }
  /** These on the stage instead of a clip; none: the clip again. */
  | { type: "compare"; job_ids: string[] }
  /** The takes of a sweep on the stage instead of a clip. */
  | { type: "takes"; sweep_id: string }
  /** The caps that a person has changed, as typed; "" takes one away. */
  | { type: "caps"; caps: Partial<Record<Cap, string>> };

/** The answer to `open`. */
export interface OpenAnswer {
  type: "open";
  click_id: string;
  /** null where the file tells none. */
  request: RequestView | null;
  /** What happened, plain text. */
  text: string;
}

/** The answer to `delete`. */
export interface DeleteAnswer {
  type: "delete";
  click_id: string;
  /** Whether it is deleted; else the outcome says why not. */
  gone: boolean;
}

/** The answer to `medium`, `frame` and `known`. */
export interface MediumAnswer {
  type: "medium";
  click_id: string;
  /** How much of a file is there, in bytes. */
  received: number;
  /** What it became; null while more of it is to come. */
  entry: MediaEntry | null;
}

/** A prompt that is saved beside the notebook. */
export interface SavedView {
  /** Its name. */
  name: string;
  /** For the form; null where the file holds none that a form can show. */
  request: RequestView | null;
  /** What of it is not used, or wrong; "" for nothing. */
  text: string;
}

/** The answer to `prompts`, `save_prompt` and `forget_prompt`. */
export interface PromptsView {
  type: "prompts";
  /** What it answers. */
  click_id: string;
  /** In the order of their file. */
  items: SavedView[];
  /** The file's name. */
  file: string;
  /** What went wrong, plain text. */
  problem: string;
  /** The name that is in use already; "" for none. */
  taken: string;
  /** The name under which it was saved just now; "" for none. */
  saved: string;
}

/** The answer to `recent`. */
export interface RecentAnswer {
  type: "recent";
  click_id: string;
  /** Newest first, each once. */
  prompts: string[];
}

/** The answer to `export`. */
export interface ExportedAnswer {
  type: "export";
  click_id: string;
  /** What came of it, plain text. */
  text: string;
  /** The file's path below the server's base URL; null where there is none, or the server cannot give it. */
  url: string | null;
}

export type Answer = ClipAnswer | PosterAnswer | OpenAnswer | DeleteAnswer | LaterAnswer | PromptsView | RecentAnswer | ExportedAnswer | MediumAnswer;

/** Sends a command under a new click id, or under one that was used before; the answer is the id. */
export type Post = (command: Command, again?: string, buffers?: ArrayBuffer[]) => string;

export function postTo(model: Model): Post {
  return (command, click_id, buffers) => send(model, command, click_id, buffers);
}
