// Files and pictures of clips on their way into the form: in pieces to the kernel, which answers with an entry.
import { bytes } from "../shared/format";
import { clickId } from "../shared/host";
import type { Command, MediumAnswer, Post } from "./host";
import type { MediaEntry } from "./view";

/** A file on its way, or one that was refused. */
export interface Coming {
  id: string;
  name: string;
  /** How much of it is there, 0 to 1. */
  share: number;
  /** Why it was refused; "" while it comes. */
  problem: string;
}

const PIECE_BYTES = 4 << 20; // a notebook server drops messages of more than 10 MB, without a word

const FILM = /\.(mp4|mov|m4v|webm|mkv|avi)$/i;

/** Whether a file goes to the media wherever on the Studio it falls: a film may be a clip that fills the form. */
export function isPicture({ name, type }: File): boolean {
  return /^(image|audio)\//.test(type) || (!type && /\.(png|jpe?g|webp|gif|bmp|avif|heic|tiff?|mp3|wav)$/i.test(name));
}

/** Why a file is no medium, known before anything is sent; "" for one that may be. */
export function refusalOf({ name, type, size }: File, most: number): string {
  if (!size) return `${name} is empty: 0 bytes.`;
  if (type && !/^(image|video|audio)\//.test(type) && !FILM.test(name)) return `${name} is no picture, film or sound.`;
  if (size > most) return `${name} is ${bytes(size)}, and at most ${bytes(most)} are read. Make it smaller, or put it on a server and give its link.`;
  return "";
}

/** Asks the kernel for entries, one file at a time. */
export class Uploads {
  readonly #post: Post;
  readonly #tell: (coming: Coming[]) => void;
  readonly #waiting = new Map<string, (answer: MediumAnswer) => void>();
  #coming: Coming[] = [];
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `tell` hears of each change of what is on its way. */
  constructor(post: Post, tell: (coming: Coming[]) => void) {
    this.#post = post;
    this.#tell = tell;
  }

  hear(answer: MediumAnswer): void {
    this.#waiting.get(answer.click_id)?.(answer);
  }

  /** Sends a file, after those before it; null: it was refused, or taken back. */
  send(file: File, most: number): Promise<MediaEntry | null> {
    const id = clickId();
    const problem = refusalOf(file, most);
    this.#set([...this.#coming, { id, name: file.name, share: 0, problem }]);
    if (problem) return Promise.resolve(null);
    const sent = this.#last.then(() => this.#send(id, file));
    this.#last = sent.then(() => undefined);
    return sent;
  }

  /** The picture of a clip at an instant; the last one for null. Null: it was refused. */
  async frame(job_id: string, at_s: number | null, name: string): Promise<MediaEntry | null> {
    const id = clickId();
    this.#set([...this.#coming, { id, name, share: 0, problem: "" }]);
    const { entry } = await this.#ask({ type: "frame", job_id, at_s });
    return this.#settle(id, entry);
  }

  /** What the kernel knows of a medium. */
  async known(url: string): Promise<MediaEntry | null> {
    return (await this.#ask({ type: "known", url })).entry;
  }

  /** Takes one back, or puts its refusal out of sight. */
  drop(id: string): void {
    this.#set(this.#coming.filter((each) => each.id !== id));
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }

  async #send(id: string, file: File): Promise<MediaEntry | null> {
    const { name, size } = file;
    try {
      for (let offset = 0; this.#isComing(id); ) {
        const piece = await file.slice(offset, offset + PIECE_BYTES).arrayBuffer();
        const { entry, received } = await this.#ask({ type: "medium", upload: id, name, offset, size }, [piece]);
        if (entry) return this.#settle(id, entry);
        offset = received;
        this.#set(this.#coming.map((each) => (each.id === id ? { ...each, share: received / size } : each)));
      }
    } catch {
      this.#refuse(id, `${name} cannot be read.`); // a folder, or a file that went away
    }
    return null;
  }

  #settle(id: string, entry: MediaEntry | null): MediaEntry | null {
    if (!entry || !this.#isComing(id)) return null;
    if (entry.url) this.drop(id);
    else this.#refuse(id, entry.problem);
    return entry.url ? entry : null;
  }

  #refuse(id: string, problem: string): void {
    this.#set(this.#coming.map((each) => (each.id === id ? { ...each, problem } : each)));
  }

  #isComing(id: string): boolean {
    return !this.#stopped && this.#coming.some((each) => each.id === id);
  }

  #ask(command: Command, buffers?: ArrayBuffer[]): Promise<MediumAnswer> {
    const click_id = clickId();
    return new Promise((done) => {
      this.#waiting.set(click_id, (answer) => {
        this.#waiting.delete(click_id);
        done(answer);
      });
      this.#post(command, click_id, buffers);
    });
  }

  #set(coming: Coming[]): void {
    this.#coming = coming;
    if (!this.#stopped) this.#tell(coming);
  }
}
