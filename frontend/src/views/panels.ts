// What comes in a second message: see parts.tsx.
export { ByAxis } from "./by-axis";
export { Opened, Wishes } from "./extras";
export { Stage } from "./stage";
export { TileActions } from "./clip-bar";
