// What comes in a second message: see parts.tsx.
export { ClipMore } from "../shared/clip-more";
export { CapsPanel } from "./caps";
export { headOf } from "./clip-head";
