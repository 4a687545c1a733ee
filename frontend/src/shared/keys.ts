// Keys typed in a control of ours are meant for it: JupyterLab goes by an attribute, other hosts by the event.

/** Goes on the outermost element of a view, beside the listener. */
export const SUPPRESS = { "data-lm-suppress-shortcuts": "true" } as const;

/** Keeps plain keys from the host, and in a text field every key; chords elsewhere stay the host's, and so does Ctrl+S. */
export function keepKeys(event: KeyboardEvent): void {
  const chord = event.ctrlKey || event.metaKey || event.altKey;
  const save = chord && event.key.toLowerCase() === "s";
  if (!chord || (isText(event.target) && !save)) event.stopPropagation();
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && /^(text|search|url)$/.test(target.type));
}

/** A listener that closes what is open by Escape, and keeps that from whatever is around it. */
export const onEscape = (close: () => void) => (event: KeyboardEvent) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  close();
};
