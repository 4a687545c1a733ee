// The filmstrip: the newest clips beside the stage. One plays, without sound, while it is pointed at or has the focus.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../shared/button";
import { fileUrl } from "../shared/files";
import { memo } from "../shared/memo";
import { useRoving } from "../shared/roving";
import type { Actions } from "./actions";
import type { FilmView } from "./view";

interface Props {
  film: FilmView[];
  selected: string;
  posters: Record<string, string | null>;
  base: string | null;
  act: Actions;
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const Film = memo(({ film, selected, posters, base, act }: Props) => {
  const [playing, setPlaying] = useState("");
  const group = useRoving<HTMLUListElement>(true);
  const sight = useRef<IntersectionObserver | null>(null);
  useLayoutEffect(() => {
    sight.current = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) act.inSight((target as HTMLElement).dataset.sdwJob!, isIntersecting);
    }, { rootMargin: "120px" });
    return () => sight.current?.disconnect();
  }, []);
  useLayoutEffect(() => {
    sight.current?.disconnect(); // what is in sight is told again; it costs little, and items come seldom
    film.forEach((clip, i) => clip.has_poster && !clip.poster_url && sight.current?.observe(group.ref.current!.children[i]!));
  }, [film]);
  const [point] = useState(() => (id: string) => setPlaying(isCalm() ? "" : id)); // one, so that no frame is drawn for it
  return (
    <ul class="sdw-film" role="list" aria-label="Filmstrip" onMouseLeave={() => setPlaying("")} onFocusOut={() => setPlaying("")} {...group}>
      {film.map((clip) => (
        <Frame
          key={clip.job_id}
          clip={clip}
          poster={posters[clip.job_id] ?? fileUrl(clip.poster_url, base)}
          url={playing === clip.job_id ? fileUrl(clip.url, base) : null}
          selected={selected === clip.job_id}
          point={point}
          act={act}
        />
      ))}
    </ul>
  );
});

interface FrameProps {
  clip: FilmView;
  poster: string | null;
  /** While it plays. */
  url: string | null;
  selected: boolean;
  point: (id: string) => void;
  act: Actions;
}

const Frame = memo(({ clip: { job_id, prompt, starred }, poster, url, selected, point, act }: FrameProps) => (
  <li data-sdw-job={job_id}>
    <Button
      class="sdw-film-frame"
      translate={false}
      aria-label={prompt}
      title={prompt}
      aria-current={selected}
      onClick={() => act.show(job_id)}
      onMouseEnter={() => point(job_id)}
      onFocus={() => point(job_id)}
    >
      {poster && <img src={poster} alt="" loading="lazy" decoding="async" onError={() => act.inSight(job_id, true)} />}
      {url && <video src={url} muted loop autoPlay playsInline tabIndex={-1} aria-hidden="true" />}
      {starred && <span class="sdw-film-star">★</span>}
    </Button>
  </li>
));
