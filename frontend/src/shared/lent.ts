// What a bundle that comes in a second message uses in the place of Preact and of the catalogue: those of the page that asked for it.
import type * as Preact from "preact";
import type * as Hooks from "preact/hooks";
import type * as Words from "./words";

/** What is lent to it. */
export interface Lib {
  preact: Pick<typeof Preact, "h" | "Fragment" | "Component" | "createRef">;
  said: typeof Words.said;
  hooks: Pick<typeof Hooks, "useLayoutEffect" | "useRef" | "useState">;
}

/** The element that runs it: both reach each other by it, so that no name stands in the page. */
export interface LateScript extends HTMLScriptElement {
  sdwLib: Lib;
  sdwTake: (parts: unknown) => void;
}

export const {
  preact: { h, Fragment, Component, createRef },
  hooks: { useLayoutEffect, useRef, useState },
  said,
} = (document.currentScript as LateScript).sdwLib;

/** Hands over what this bundle has. */
export function handOver(parts: unknown): void {
  (document.currentScript as LateScript).sdwTake(parts);
}
