// A clip with the browser's own controls.
import { useState } from "preact/hooks";
import type { Clip } from "../card/view";

export interface VideoProps {
  clip: Clip | null;
  name: string;
  url: string;
  poster: string | null;
  /** What else to try when it does not play; without it, words say so. */
  otherwise?: (() => void) | undefined;
}

export function Video({ clip, name, url, poster, otherwise }: VideoProps) {
  const [broken, setBroken] = useState(false);
  if (broken) return <p class="sdw-broken">This browser cannot play the clip. It is saved as {clip?.filename}.</p>;
  const onError = otherwise ?? (() => setBroken(true));
  return <video controls playsInline preload="metadata" src={url} poster={poster ?? undefined} aria-label={name} onError={onError} />;
}
