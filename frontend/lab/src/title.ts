// "(2) lighthouse.ipynb": how many jobs are new, before the page's title, whatever the host writes there.
export class TitleCount {
  #prefix = "";
  readonly #observer = new MutationObserver(() => this.#write());

  constructor(private readonly page: Document = document) {}

  /** 0 takes it away. */
  show(count: number): void {
    this.#observer.disconnect();
    const bare = this.#bare();
    this.#prefix = count ? `(${count}) ` : "";
    this.#put(bare);
    if (count) this.#observer.observe(this.page.head, { childList: true, characterData: true, subtree: true });
  }

  #bare(): string {
    const { title } = this.page;
    return this.#prefix && title.startsWith(this.#prefix) ? title.slice(this.#prefix.length) : title;
  }

  #write(): void {
    this.#put(this.#bare());
  }

  #put(bare: string): void {
    const title = this.#prefix + bare;
    if (this.page.title !== title) this.page.title = title;
  }
}
