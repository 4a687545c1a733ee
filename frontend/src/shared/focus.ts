// Keeps the focus near where it was when what had it goes away.
const FOCUSABLE = ":is(button, a, input, select, textarea):not(:disabled)";

/** Draws, and afterwards finds a new place for a focus that was lost by it. */
export function keepingFocus(root: HTMLElement, draw: () => void): void {
  const { activeElement } = root.getRootNode() as Document | ShadowRoot;
  const around: (Element | null)[] = [];
  if (root.contains(activeElement)) for (let each = activeElement; each && each !== root; each = each.parentElement) around.push(...placesOf(each));
  draw();
  const now = (root.getRootNode() as Document | ShadowRoot).activeElement; // what was drawn may have taken it
  if (!around.length || activeElement?.isConnected || (now && root.contains(now))) return;
  const near = [...around, root].filter((each) => each?.isConnected).map((each) => each!.querySelector<HTMLElement>(FOCUSABLE));
  near.find(Boolean)?.focus();
}

/** An element, and the items of a list that take its place. */
function placesOf(element: Element): (Element | null)[] {
  return element.tagName === "LI" ? [element, element.nextElementSibling, element.previousElementSibling] : [element];
}
