// Puts text on the clipboard, also on pages served over plain http from elsewhere, where the modern way is closed.
import { useLayoutEffect, useState } from "preact/hooks";

const COPIED_MS = 1600;

/** Whether the text was copied a moment ago, and what copies it; `tell` hears whether that worked. */
export function useCopy(text: string, tell: (done: boolean) => void): [boolean, () => Promise<void>] {
  const [copied, setCopied] = useState(false);
  useLayoutEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    const done = await copyText(text);
    setCopied(done);
    tell(done);
  };
  return [copied, copy];
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

function copyTheOldWay(text: string): boolean {
  const focused = document.activeElement as HTMLElement | null;
  const box = document.createElement("textarea");
  box.value = text;
  box.style.cssText = "position:fixed;opacity:0";
  document.body.append(box);
  box.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    box.remove();
    focused?.focus({ preventScroll: true });
  }
}
