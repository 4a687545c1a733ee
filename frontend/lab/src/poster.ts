// The poster of a clip in a notice of it: JupyterLab's own notices take words and buttons alone.
import { type Api, Refused } from "./api";
import type { Job } from "./job";

const FOUND_WITHIN_MS = 10_000; // JupyterLab loads what draws notices with the first one, and draws none where they are turned off

/** An address of the poster in this page, for the caller to revoke; undefined where there is none. */
export async function posterOf(api: Pick<Api, "poster">, job: Job | null): Promise<string | undefined> {
  if (!job?.has_poster) return undefined;
  try {
    return URL.createObjectURL(await api.poster(job.id));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return undefined;
  }
}

/** Puts the poster beside the words of the notice with this id. Its room is there from the first, so that nothing jumps. */
export function putPoster(notice: string, api: Pick<Api, "poster">, job: Job | null): void {
  if (!job?.has_poster) return;
  const look = () => {
    const box = document.getElementById(notice)?.querySelector(".jp-toast-message")?.parentElement;
    if (!box) return;
    watch.disconnect();
    box.classList.add("sdw-lab-told");
    const image = new Image();
    image.alt = ""; // the words beside it name the clip
    box.prepend(image);
    void draw(image, posterOf(api, job));
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), FOUND_WITHIN_MS);
  look();
}

async function draw(image: HTMLImageElement, poster: Promise<string | undefined>): Promise<void> {
  const url = await poster;
  if (!url) return;
  image.onload = image.onerror = () => URL.revokeObjectURL(url); // once drawn, the picture is the element's own
  image.src = url;
}
