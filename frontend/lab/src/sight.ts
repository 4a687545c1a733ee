// Whether the end of a job is on the page where a person can see it: in a card, on a stage, in the output that stays, in our list.
const SHOWS_JOBS = ".sdw-durable, .sdw-card-root, .sdw-studio-root section, .sdw-views article, [data-sdw-job]";
const LOOK_MS = 500;
const LONG_ENOUGH_MS = 1000;

/** The elements that show a job by its id. */
function showing(id: string): Element[] {
  return [...document.querySelectorAll(SHOWS_JOBS)].filter((each) => (each as HTMLElement).dataset.sdwJob === id || isNamed(each, id));
}

function isNamed(element: Element, id: string): boolean {
  return !("sdwJob" in (element as HTMLElement).dataset) && !!element.textContent?.includes(id);
}

/** Whether the middle of what is left of an element in the window is the element's own: not scrolled away, not covered. */
function isOnTop(element: Element): boolean {
  const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
  if (!width || !height) return false;
  const x = (Math.max(0, left) + Math.min(innerWidth, right)) / 2;
  const y = (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2;
  const there = document.elementFromPoint(x, y);
  return !!there && element.contains(there);
}

export function isInSight(id: string): boolean {
  return !document.hidden && showing(id).some(isOnTop);
}

/** Looks which of some jobs a person has had before the eyes for a second; `saw` hears of each once. */
export class Sight {
  #since = new Map<string, number>();
  #ids: string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly saw: (ids: string[]) => void,
    private readonly isSeen: (id: string) => boolean = isInSight,
  ) {}

  /** These are new. */
  watch(ids: string[]): void {
    this.#ids = ids;
    if (ids.length) this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    else this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#since.clear();
  }

  #look(): void {
    const now = performance.now();
    for (const id of this.#since.keys()) if (!this.#ids.includes(id)) this.#since.delete(id);
    for (const id of this.#ids) {
      if (!this.isSeen(id)) this.#since.delete(id);
      else if (!this.#since.has(id)) this.#since.set(id, now);
    }
    const done = [...this.#since].filter(([, since]) => now - since >= LONG_ENOUGH_MS).map(([id]) => id);
    if (done.length) this.saw(done);
  }
}
