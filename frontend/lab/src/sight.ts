// Whether the end of a job is on the page where a person can see it. What shows a job has its id in `data-sdw-job`: a card, a
// stage, a row, a tile, a frame of the filmstrip, a side of Compare, the output that stays. What only names one has not.
const UNMARKED = ".sdw-durable:not([data-sdw-job])"; // of an earlier version, or not trusted: JupyterLab takes the attribute away there
const LOOK_MS = 500;
const LONG_ENOUGH_MS = 1000;

/** The elements that show a job; not those whose kernel says nothing, since they show it as it was before. */
function showing(id: string): Element[] {
  const unmarked = [...document.querySelectorAll(UNMARKED)].filter((each) => isOf(each, id));
  return [...document.querySelectorAll(`[data-sdw-job~="${CSS.escape(id)}"]:not(.sdw-silent)`), ...unmarked];
}

/** Whether a saved output is a job's own: one of its lines begins with the name. */
function isOf(saved: Element, id: string): boolean {
  return [...saved.querySelectorAll("div")].some(({ textContent }) => textContent.startsWith(`job ${id}`));
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
