// Which elements a person can see just now.

/** Watches elements; `tell` hears whenever the set of names in sight has changed. */
export class Sight {
  #names = new Map<Element, string>();
  #seen = new Set<string>();
  #tell: (seen: Set<string>) => void;
  #observer = new IntersectionObserver((entries) => this.#hear(entries));

  constructor(tell: (seen: Set<string>) => void) {
    this.#tell = tell;
  }

  watch(element: Element, name: string): void {
    this.#names.set(element, name);
    this.#observer.observe(element);
  }

  forget(element: Element): void {
    this.#observer.unobserve(element);
    this.#seen = new Set([...this.#seen].filter((name) => name !== this.#names.get(element)));
    this.#names.delete(element);
  }

  stop(): void {
    this.#observer.disconnect();
    this.#names.clear();
  }

  #hear(entries: IntersectionObserverEntry[]): void {
    const seen = new Set(this.#seen);
    for (const { target, isIntersecting } of entries) {
      const name = this.#names.get(target);
      if (name === undefined) continue;
      if (isIntersecting) seen.add(name);
      else seen.delete(name);
    }
    this.#seen = seen;
    this.#tell(seen);
  }
}
