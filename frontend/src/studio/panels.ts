// What comes in a second message: see parts.tsx.
export { ClipMore } from "../shared/clip-more";
export { CapsPanel } from "./caps";
export { PromptsPanel } from "./prompts-panel";
export { Recall } from "./recall";
export { headOf } from "./clip-head";
