// Our views as widgets of JupyterLab.
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { icon } from "./icon";
import { shortly, statusWords } from "./job";
import type { LargeView } from "./large";
import type { Model } from "./model";
import type { JobsView } from "./panel-mount";

export const PANEL_ID = "seedance-jobs";

/** The panel; its view is loaded when it is first seen. */
export class JobsWidget extends Widget {
  #view: JobsView | null = null;
  #loading: Promise<void> | null = null;

  constructor(private readonly load: () => Promise<JobsView | null>) {
    super();
    this.id = PANEL_ID;
    this.addClass("sdw-lab-panel");
    this.title.icon = icon;
    this.title.caption = "Seedance jobs";
    this.node.setAttribute("role", "complementary");
    this.node.setAttribute("aria-label", "Seedance jobs");
  }
  draw(): void {
    this.#view?.draw();
  }
  protected override onAfterShow(_: Message): void {
    this.#see();
  }
  protected override onAfterAttach(_: Message): void {
    if (this.isVisible) this.#see();
  }
  protected override onBeforeHide(_: Message): void {
    this.#view?.show(false);
  }
  protected override onBeforeDetach(_: Message): void {
    this.#view?.show(false);
  }
  protected override onActivateRequest(_: Message): void {
    if (this.#view) this.#view.focus();
    else void this.#loaded().then(() => this.#view?.focus());
  }
  #see(): void {
    if (this.#view) this.#view.show(true);
    else void this.#loaded();
  }
  #loaded(): Promise<void> {
    this.#loading ??= this.load().then((view) => {
      this.#loading = null; // where it could not be loaded the next look tries again
      if (!view || this.#view) return;
      this.#view = view;
      this.node.append(view.root);
      view.show(this.isVisible);
    });
    return this.#loading;
  }
}

/** One job in the main area; its view is loaded first. */
export class LargeWidget extends Widget {
  #view: LargeView | null = null;

  constructor(
    readonly job: string,
    load: () => Promise<LargeView | null>,
  ) {
    super();
    this.id = `seedance-job-${job}`;
    this.addClass("sdw-lab-main");
    this.title.icon = icon;
    this.title.label = `Seedance ${job}`;
    this.title.closable = true;
    this.node.tabIndex = -1;
    void load().then((view) => {
      if (this.isDisposed) view?.stop();
      else if (view) this.node.append((this.#view = view).root);
    });
  }
  name(prompt: string): void {
    this.title.label = shortly(prompt, 28);
    this.title.caption = prompt;
  }
  override dispose(): void {
    this.#view?.stop();
    super.dispose();
  }
  protected override onActivateRequest(_: Message): void {
    this.node.focus();
  }
}

/** "Seedance: 2 generating · 1 new"; a click opens the panel. */
export class StatusWidget extends Widget {
  readonly #button = document.createElement("button");
  readonly #leave: () => void;

  constructor(
    private readonly model: Model,
    open: () => void,
  ) {
    super();
    this.id = "seedance-status";
    this.addClass("sdw-lab-bar");
    this.node.setAttribute("role", "status");
    this.#button.type = "button";
    this.#button.addEventListener("click", open);
    this.node.append(this.#button);
    this.#leave = model.connect(() => this.#write());
    this.#write();
  }
  override dispose(): void {
    this.#leave();
    super.dispose();
  }
  #write(): void {
    const { phase, said, open } = this.model.known;
    const words = statusWords(open, this.model.fresh);
    const text = phase === "other" ? "Seedance: reload the page" : phase === "trouble" ? "Seedance: needs a look" : words ? `Seedance: ${words}` : "Seedance";
    if (this.#button.textContent !== text) this.#button.textContent = text;
    this.#button.title = said ?? "Open the panel of Seedance jobs";
  }
}
