// What comes in a second message: see parts.tsx.
export { ClipMore } from "../shared/clip-more";
export { CapsPanel } from "./caps";
export { headOf } from "./clip-head";
export { SendAgain } from "../shared/send-again";
export { UseFrame } from "./use-frame";
export { ComingItem } from "./coming-item";
export { Unconfirmed } from "./unconfirmed";
