// The prompt: three lines at first, all of it on request.
import { Button } from "./button";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export function Prompt({ text }: { text: string }) {
  const box = useRef<HTMLParagraphElement>(null);
  const [open, setOpen] = useState(false);
  const [overflows, setOverflows] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // Only the clamped box can tell whether something is cut off, and that changes with its width.
    const measure = () => !open && setOverflows(element.scrollHeight > element.clientHeight + 1);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text, open]);
  if (!text) return null;
  return (
    <div class="sdw-prompt">
      <p ref={box} class={open ? "sdw-prompt-text" : "sdw-prompt-text sdw-clamped"} dir="auto" translate={false} title={overflows && !open ? text : undefined}>
        {text}
      </p>
      {overflows && (
        <Button class="sdw-link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Show less" : "Show all"}
        </Button>
      )}
    </div>
  );
}
