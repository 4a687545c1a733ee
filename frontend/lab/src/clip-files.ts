// What a file of the file browser can become: the job that it was made by, or the first frame of the next clip. Pure.

const OURS = /(?:^|[-/])([a-hj-km-np-z2-9]{8})(?:-\d{1,3})?\.(?:mp4|m4v|mov|webm|mkv|gif|avi|ts|bin)$/;

const PICTURE = /\.(?:png|jpe?g|webp|gif|bmp)$/i; // what the API knows as an image by its name

/** "hero-ejembk86.mp4" or "hero-ejembk86-2.mp4" is of "ejembk86"; null for what is not named so. */
export function jobOfFile(name: string): string | null {
  return OURS.exec(name)?.[1] ?? null;
}

/** The path of a picture; null for any other file. */
export function pictureOfFile(path: string): string | null {
  return PICTURE.test(path) ? path : null;
}

/** The cell of a clip that begins with the picture at this path from its notebook; its prompt is still to be written. */
export function cellOfFrame(path: string): string {
  const quote = path.includes('"') ? "'" : '"';
  return `%%seedance --media ${/[\s"']/.test(path) ? quote + path + quote : path}\n`;
}
