// A clip with the browser's own controls; where it cannot be shown, words that say so, and its file.
import { useState } from "preact/hooks";
import type { Clip } from "./job-view";

const END_S = 0.02; // less than a picture is shown: a player that has come to the end may stand just before it

export interface VideoProps {
  clip: Clip | null;
  name: string;
  url: string;
  poster: string | null;
  /** What else to try when it does not load; without it, words say so. */
  otherwise?: (() => void) | undefined;
  loop?: boolean;
  /** Told where the clip stands still, in seconds, `Infinity` at its end, and `null` while it moves. */
  still?: ((at_s: number | null) => void) | undefined;
}

export function Video({ clip, name, url, poster, otherwise, loop = false, still }: VideoProps) {
  const [broken, setBroken] = useState(false);
  if (broken) return <Unplayable clip={clip} url={url} />;
  const onError = otherwise ?? (() => setBroken(true));
  const tell = ({ currentTarget: { paused, currentTime, duration } }: { currentTarget: HTMLVideoElement }) => {
    if (paused) still?.(currentTime >= duration - END_S ? Infinity : currentTime);
  };
  if (clip?.filename.endsWith(".gif")) return <img src={url} alt={name} onError={onError} />;
  return (
    <video
      controls
      playsInline
      loop={loop}
      preload="metadata"
      src={url}
      poster={poster ?? undefined}
      aria-label={name}
      onError={onError}
      onPlay={() => still?.(null)}
      onPause={tell}
      onSeeked={tell}
      onLoadedMetadata={(event) => {
        tell(event);
        // Sound that plays without its pictures is no error to a browser: HEVC where it has no decoder.
        if (!event.currentTarget.videoWidth) setBroken(true);
      }}
    />
  );
}

function Unplayable({ clip, url }: { clip: Clip | null; url: string }) {
  const packed = clip?.codec ? ` (${clip.codec})` : "";
  return (
    <p class="sdw-broken">
      This browser cannot play the clip{packed}. It is saved as {clip?.filename}.{" "}
      <a href={url} download={clip?.filename ?? true}>
        Download the file
      </a>
    </p>
  );
}
