// What comes in a second message: see parts.tsx.
export { ClipMore } from "../shared/clip-more";
export { Together } from "./together";
export { Unconfirmed } from "./unconfirmed";
export { CapsPanel } from "./caps";
export { PromptsPanel } from "./prompts-panel";
export { MediaItems } from "./media-items";
export { Recall } from "./recall";
export { Uploads } from "./uploads";
export { SendAgain } from "./send-again";
export { UseFrame } from "./use-frame";
export { headOf } from "./clip-head";
