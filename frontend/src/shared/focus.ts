// Keeps the focus near where it was when what had it goes away.
const FOCUSABLE = ":is(button, a, input, select, textarea):not(:disabled)";

/** Draws, and afterwards finds a new place for a focus that was lost by it. */
export function keepingFocus(root: HTMLElement, draw: () => void): void {
  const { activeElement } = root.getRootNode() as Document | ShadowRoot;
  const around: Element[] = [];
  if (root.contains(activeElement)) for (let each = activeElement; each && each !== root; each = each.parentElement) around.push(each);
  draw();
  if (!around.length || activeElement?.isConnected) return;
  const near = [...around, root].filter((each) => each.isConnected).map((each) => each.querySelector<HTMLElement>(FOCUSABLE));
  near.find(Boolean)?.focus();
}
