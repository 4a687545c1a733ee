// The part of a dropped file that tells what it was made from: of a clip of any length only its index.
const MOOV = 0x6d6f6f76;
const MOST_BOXES = 64;
const MOST_BYTES = 4 << 20; // of an index, or of a sidecar
const MARK = "seedance-widgets"; // what a box of ours ends with, before its size

const piece = (file: Blob, at: number, length: number) => file.slice(at, at + length).arrayBuffer();

/** The story behind a clip; else the index of an mp4, which holds its metadata; of anything else the first bytes. */
export async function headOf(file: Blob): Promise<ArrayBuffer> {
  const story = await storyOf(file);
  if (story) return story;
  for (let at = 0, i = 0; i < MOST_BOXES && at + 8 <= file.size; i++) {
    const box = new DataView(await piece(file, at, 8));
    const size = box.getUint32(0); // 0 and 1 stand for more than 4 GB, which no clip has
    if (box.getUint32(4) === MOOV) return piece(file, at, Math.min(size, MOST_BYTES));
    if (size < 8) break;
    at += size;
  }
  return piece(file, 0, MOST_BYTES);
}

/** The box that we put behind a clip, told by the file's last bytes; null where there is none. */
async function storyOf(file: Blob): Promise<ArrayBuffer | null> {
  const length = MARK.length + 4;
  if (file.size < length + 8) return null;
  const foot = await piece(file, file.size - length, length);
  if (new TextDecoder().decode(foot.slice(0, MARK.length)) !== MARK) return null;
  const size = new DataView(foot).getUint32(MARK.length);
  return size <= Math.min(file.size, MOST_BYTES) ? piece(file, file.size - size, size) : null;
}
