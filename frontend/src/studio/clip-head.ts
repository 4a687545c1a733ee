// The part of a dropped file that tells what it was made from: of a clip of any length only its index.
const MOOV = 0x6d6f6f76;
const MOST_BOXES = 64;
const MOST_BYTES = 4 << 20; // of an index, or of a sidecar

const piece = (file: Blob, at: number, length: number) => file.slice(at, at + length).arrayBuffer();

/** The index of an mp4, which holds its metadata; of anything else the first bytes. */
export async function headOf(file: Blob): Promise<ArrayBuffer> {
  for (let at = 0, i = 0; i < MOST_BOXES && at + 8 <= file.size; i++) {
    const box = new DataView(await piece(file, at, 8));
    const size = box.getUint32(0); // 0 and 1 stand for more than 4 GB, which no clip has
    if (box.getUint32(4) === MOOV) return piece(file, at, Math.min(size, MOST_BYTES));
    if (size < 8) break;
    at += size;
  }
  return piece(file, 0, MOST_BYTES);
}
