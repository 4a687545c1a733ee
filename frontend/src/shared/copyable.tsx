// A name that a click copies.
import { useRef } from "preact/hooks";
import { useCopy } from "./copy";
import { Button } from "./button";
import { CopyIcon } from "./icons";

export function Copyable({ label, text }: { label: string; text: string }) {
  const code = useRef<HTMLElement>(null);
  const [copied, copy] = useCopy(text, (done) => {
    if (!done && code.current) getSelection()?.selectAllChildren(code.current); // for Ctrl+C
  });
  return (
    <Button class="sdw-copy" title={copied ? "Copied" : `Copy the ${label} id`} aria-label={copied ? "Copied" : `Copy the ${label} id ${text}`} onClick={copy}>
      <span>{label}</span>
      <code ref={code}>{text}</code>
      <CopyIcon done={copied} />
    </Button>
  );
}
