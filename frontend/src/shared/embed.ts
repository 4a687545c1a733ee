// Another widget of the kernel in a place of ours, as ipywidgets' own containers do it.

/** What a notebook knows of its widgets. */
export interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<{ el: HTMLElement; remove(): void }>;
}

/** The id in a trait that holds a widget; "" for none. */
export function idIn(trait: unknown): string {
  return String(trait ?? "").replace("IPY_MODEL_", "");
}

/**
 * Shows a widget; the answer takes it away, also while it comes.
 *
 * `shown` hears of its section, which may be drawn later than its view is there, or null: the host cannot show it.
 */
export function embed(manager: WidgetManager | undefined, id: string, place: HTMLElement, shown: (section: HTMLElement | null) => void): () => void {
  let view: { el: HTMLElement; remove(): void } | undefined;
  let gone = false;
  const drawn = new MutationObserver(() => {
    const section = place.querySelector("section");
    if (!section) return;
    drawn.disconnect();
    shown(section);
  });
  drawn.observe(place, { childList: true, subtree: true });
  const remove = () => {
    gone = true;
    drawn.disconnect();
    view?.remove();
  };
  const show = async () => {
    view = await manager!.create_view(await manager!.get_model(id));
    if (gone) remove();
    else place.append(view.el);
  };
  show().catch(() => gone || shown(null)); // no manager, or one that can less
  return remove;
}
