// What can be pressed.
import type { Command } from "./host";
import type { Marks } from "../shared/clip-actions";
import type { Query } from "./jobs";
import type { Frame } from "./media-list";
import type { Field } from "./request";
import type { JobView, RequestView } from "./view";

export interface Actions {
  edit(part: Partial<RequestView>): void;
  /** A person has left a field: from now on it may be said to be empty. */
  leave(field: Field): void;
  model(id: string): void;
  /** Takes back what the page did to the form by itself. */
  undo(): void;
  /** A key in the form: takes back a change, or makes it again; tells whether there was one. */
  step(forth: boolean, target: EventTarget | null): boolean;
  /** A key at the beginning of the prompt: an earlier one, or back to what was typed. */
  recall(field: HTMLTextAreaElement, event: KeyboardEvent): void;
  /** Opens the saved prompts, or closes them. */
  openPrompts(open: boolean): void;
  /** Fills the form from a saved prompt. */
  usePrompt(name: string, request: RequestView): void;
  /** Deletes a saved prompt in ten seconds, or takes that back. */
  forgetPrompt(name: string, back?: boolean): void;
  /** Sends a command; the answer is its click id. */
  send(command: Command): string;
  submit(): void;
  /** So many at the next click. */
  takes(many: number): void;
  /** The answer to a question about the last submit. */
  sendAgain(): void;
  /** Puts the last outcome away. */
  putAway(): void;
  select(id: string): void;
  /** The same for what stands beside the stage: nothing scrolls. */
  show(id: string): void;
  /** A clip has come into sight that has no poster of its own address, or has left it. */
  inSight(id: string, isSeen: boolean): void;
  cancel(id: string): void;
  download(id: string): void;
  /** Deletes a job with its files, in ten seconds. */
  remove(job: JobView): void;
  /** Takes that back. */
  keep(id: string): void;
  /** A command about jobs whose answer may be a problem. */
  order(command: Command): void;
  /** Chooses a clip to compare, or takes it back. */
  choose(id: string): void;
  /** Chooses all from the one that was chosen last, or another one, to the last of these. */
  chooseTo(...ids: string[]): void;
  /** Chooses the whole page of the list. */
  choosePage(): void;
  /** Marks the chosen jobs, with tags beside those that they have. */
  batch(marks: Marks): void;
  /** Opens Compare of the chosen clips on the stage. */
  compare(): void;
  /** Puts Compare away again. */
  stage(): void;
  /** Chooses none. */
  clear(): unknown;
  /** Shows the widget on the stage; the answer takes it away. */
  embed(place: HTMLElement): () => void;
  reuse(job: JobView): void;
  /** Sends the request of a job once more. */
  again(job: JobView): void;
  /** The next click on Generate makes a clip that goes on where this one ends; null: it does not. */
  goOn(job: JobView | null): void;
  /** Saves the clip where the browser saves files. */
  save(job: JobView): void;
  /** Files go to the media, each as far as it is one. */
  files(files: File[]): void;
  /** The picture of a clip at an instant, in seconds, as the first or last frame; null: its last picture. */
  useFrame(job: JobView, at_s: number | null, frame: Frame): void;
  /** Takes a file back that is on its way, or puts its refusal out of sight. */
  dropFile(id: string): void;
  /** A file was dropped: the form takes the request that it was made from. */
  open(file: File): void;
  mark(id: string, marks: Marks): void;
  search(part: Partial<Query>): void;
  clipFailed(id: string): void;
  pullAgain(): void;
  /** Opens the caps, or closes them. */
  openCaps(open: boolean): void;
  /** Sets caps; the answer is the click id that the kernel answers to. */
  cap(caps: Extract<Command, { type: "caps" }>["caps"]): string;
  say(words: string): void;
}
