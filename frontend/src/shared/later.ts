// Code that the first view does not need: the kernel sends it in a second message, beside which its text comes as bytes.
import { Component, createRef, Fragment, h } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LateScript } from "./lent";
import { said } from "./words";

/** The answer to `later`; the code comes beside it as one binary buffer. */
export interface LaterAnswer {
  type: "later";
}

/**
 * Runs code of ours that the kernel sent, and hands over what it gives; null where the host does not let it run.
 *
 * By a script of this page, as widgets themselves are: nothing is fetched from anywhere.
 */
export function runLater<T>(code: ArrayBufferView, tell: (parts: T | null) => void): void {
  const url = URL.createObjectURL(new Blob([code as ArrayBufferView<ArrayBuffer>], { type: "text/javascript" }));
  const script = document.createElement("script") as LateScript;
  let parts: T | null = null;
  script.sdwLib = { preact: { h, Fragment, Component, createRef }, hooks: { useLayoutEffect, useRef, useState }, said };
  script.sdwTake = (given) => (parts = given as T);
  script.onload = script.onerror = () => {
    URL.revokeObjectURL(url);
    script.remove();
    tell(parts);
  };
  script.src = url;
  document.head.append(script);
}
