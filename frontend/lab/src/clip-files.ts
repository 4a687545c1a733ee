// The job that a file was made by, as its name says: every clip of ours ends with the id of its job. Pure.

const OURS = /(?:^|-)([a-hj-km-np-z2-9]{8})(?:-\d{1,3})?\.(?:mp4|m4v|mov|webm|mkv|gif|avi|ts|bin)$/;

/** "hero-ejembk86.mp4" or "hero-ejembk86-2.mp4" is of "ejembk86"; null for what is not named so. */
export function jobOfFile(name: string): string | null {
  return OURS.exec(name)?.[1] ?? null;
}
