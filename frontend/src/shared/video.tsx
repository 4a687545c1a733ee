// A clip with the browser's own controls; where it cannot be shown, words that say so, and its file.
import { useState } from "preact/hooks";
import type { Clip } from "./job-view";

export interface VideoProps {
  clip: Clip | null;
  name: string;
  url: string;
  poster: string | null;
  /** What else to try when it does not load; without it, words say so. */
  otherwise?: (() => void) | undefined;
  loop?: boolean;
  /** Given the player, once it is in the page. */
  watch?: ((video: HTMLVideoElement | null) => void) | undefined;
}

export function Video({ clip, name, url, poster, otherwise, loop = false, watch }: VideoProps) {
  const [broken, setBroken] = useState(false);
  if (broken) return <Unplayable clip={clip} url={url} />;
  const onError = otherwise ?? (() => setBroken(true));
  if (clip?.filename.endsWith(".gif")) return <img src={url} translate={false} alt={name} onError={onError} />;
  return (
    <video
      ref={watch ?? null}
      controls
      playsInline
      loop={loop}
      preload="metadata"
      src={url}
      poster={poster ?? undefined}
      translate={false}
      aria-label={name}
      onError={onError}
      onLoadedMetadata={(event) => {
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
