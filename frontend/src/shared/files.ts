// Files of jobs: where the server has them, and the pieces of them that the kernel sends.
import type { ClipAnswer as ClipPiece } from "./host";

export interface ClipAnswer extends ClipPiece {
  job_id: string;
}

/** The answer to `poster`; the JPEG comes beside it as one binary buffer. */
export interface PosterAnswer {
  type: "poster";
  job_id: string;
  problem?: string;
}

/** The address of a file below the server's base URL; only that server's own `files/`, whatever the path claims. */
export function fileUrl(path: string | null, base: string | null): string | null {
  if (!path || base === null || !/^[a-z]+\//i.test(path) || path.split("/").includes("..")) return null;
  return base.replace(/\/?$/, "/") + path;
}

/** Hands a file to the browser's downloads. */
export function saveAs(url: string, filename: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  link.click();
}
