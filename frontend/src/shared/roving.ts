// One focus stop for a group of controls: Tab comes to the one that had the focus last, the arrows go on from there.
import { useLayoutEffect, useRef } from "preact/hooks";

const PLACES = "button, a[href]";
const APART = ".sdw-more"; // what was opened has stops of its own

/** The controls of a group that share its stop. */
export function placesIn(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>(PLACES)].filter((each) => !each.closest(APART) && (each.checkVisibility?.() ?? true));
}

/**
 * What makes an element such a group; it is looked over again after each draw of the component that calls this.
 *
 * `down`: up and down go through it, too.
 */
export function useRoving<E extends HTMLElement>(down = false) {
  const ref = useRef<E>(null);
  const settle = (focused?: EventTarget | null) => {
    const places = ref.current ? placesIn(ref.current) : [];
    const stop = places.find((each) => each === focused) ?? places.find((each) => each.tabIndex === 0 && each.hasAttribute("tabindex")) ?? places[0];
    for (const each of places) each.tabIndex = each === stop ? 0 : -1;
  };
  useLayoutEffect(() => settle(document.activeElement));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !ref.current) return;
    const places = placesIn(ref.current);
    const at = places.indexOf(event.target as HTMLElement);
    const to: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: places.length - 1, ...(down && { ArrowDown: at + 1, ArrowUp: at - 1 }) };
    const next = at < 0 ? undefined : places[to[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return { ref, onKeyDown, onFocusIn: (event: FocusEvent) => settle(event.target) };
}
