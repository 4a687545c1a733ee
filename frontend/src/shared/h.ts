// What the bundler turns JSX into; see build.mjs.
export { Fragment, h } from "preact";
