// A name that a click copies.
import { useEffect, useRef, useState } from "preact/hooks";
import { CopyIcon } from "./icons";

const COPIED_MS = 1600;

export function Copyable({ label, text }: { label: string; text: string }) {
  const code = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    // The clipboard is closed to pages served over plain http from elsewhere: there, select the name for Ctrl+C.
    Promise.resolve(navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => setCopied(true),
      () => code.current && getSelection()?.selectAllChildren(code.current),
    );
  return (
    <button type="button" class="sdw-copy" title={copied ? "Copied" : `Copy the ${label} id`} aria-label={copied ? "Copied" : `Copy the ${label} id ${text}`} onClick={copy}>
      <span class="sdw-copy-label">{label}</span>
      <code ref={code}>{text}</code>
      <CopyIcon done={copied} />
    </button>
  );
}
