// The list of reference media: reading what was typed, pasted or dropped, and changing the order. Pure.
export type Kind = "image" | "video" | "audio";

/** The URLs in what was typed, pasted or dropped: one a line, or several links on one line. */
export function urlsIn(text: string): string[] {
  return text.split(/[\r\n]+/).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    return words.every((word) => /^[a-z][\w+.-]*:\/\//i.test(word)) ? words : [line.trim()];
  }).filter((url) => url && !url.startsWith("#")); // in a dropped text/uri-list such lines are remarks
}

/** At the end of a link that was signed: what signed it was not kept, and it opens nothing. */
const SIGNATURE_REMOVED = "signature-removed";

/** A URL that the browser may ask for: a plain https link that still opens, never one with a password in it. */
export function plainUrl(url: string): string | null {
  try {
    const { href, protocol, username, password, hash } = new URL(url);
    return protocol !== "https:" || username || password || hash.endsWith(SIGNATURE_REMOVED) ? null : href;
  } catch {
    return null;
  }
}

/** A short name for a URL: its file, and where it lies. */
export function nameOf(url: string): { file: string; host: string } {
  const [, host = "", path = ""] = /^[a-z][\w+.-]*:\/\/(?:[^/@]*@)?([^/?#]*)([^?#]*)/i.exec(url) ?? [];
  const file = (path || (host ? "" : url)).split(/[/\\]/).filter(Boolean).at(-1);
  return { file: unquoted(file ?? host) || url, host };
}

/** Whether it names a file by its content, and so is no link that a person could mend. */
export function isContent(url: string): boolean {
  return /^media:[0-9a-f]{64}\.\w+$/.test(url);
}

const ENDINGS: [Kind, RegExp][] = [
  ["image", /\.(jpe?g|png|webp|gif|bmp)$/i],
  ["video", /\.(mp4|mov|m4v)$/i],
  ["audio", /\.(mp3|wav)$/i],
];

/** What the server takes a medium for by the ending of its path; null where that says nothing. */
export function kindOf(url: string): Kind | null {
  const path = url.replace(/[?#].*$/, "");
  return ENDINGS.find(([, ending]) => ending.test(path))?.[0] ?? null;
}

export type Frame = "first" | "last";

/** The media with a picture as the first or last frame; null where the server would take it for something else. */
export function withFrame(urls: string[], frame: Frame, picture: string): string[] | null {
  const [first, last] = urls;
  if (urls.length > 2 || urls.some((url) => kindOf(url) !== "image")) return null; // these are references, and so would be the picture
  if (frame === "last") return first === undefined ? null : [first, picture]; // a single image is a first frame
  return last === undefined ? [picture] : [picture, last];
}

export function moved<T>(list: T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

function unquoted(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
