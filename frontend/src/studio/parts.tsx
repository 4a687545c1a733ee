// The parts of the Studio that its first view does not need, and that come in a second message.
import type { FunctionComponent } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { ClipMoreProps } from "../shared/clip-actions";
import type { SendAgainProps } from "../shared/send-again";
import type { ComingItemProps } from "./coming-item";
import type { FormProps } from "./field";
import type { UnconfirmedProps } from "./unconfirmed";
import type { UseFrameProps } from "./use-frame";

export interface Parts {
  ClipMore: FunctionComponent<ClipMoreProps>;
  ComingItem: FunctionComponent<ComingItemProps>;
  SendAgain: FunctionComponent<SendAgainProps>;
  Unconfirmed: FunctionComponent<UnconfirmedProps>;
  UseFrame: FunctionComponent<UseFrameProps>;
  CapsPanel: FunctionComponent<FormProps & { close: () => void }>;
  /** The part of a dropped file that tells what it was made from. */
  headOf: (file: Blob) => Promise<ArrayBuffer>;
}

type Drawn = { [Name in keyof Parts as Parts[Name] extends FunctionComponent<infer _> ? Name : never]: Parts[Name] };

let parts: Parts | null = null;
let settle: (parts: Parts | null) => void;
/** All parts, once they are here; null: this page does not take them. */
export const arrived = new Promise<Parts | null>((done) => (settle = done));

export const areHere = () => parts !== null;

export function take(given: Parts | null): void {
  parts = given ?? parts;
  settle(parts);
}

/** A part as a component, which says that it loads until it is here. */
export function late<Name extends keyof Drawn>(name: Name): FunctionComponent<Parameters<Drawn[Name]>[0]> {
  return (props) => {
    const [waits, setWaits] = useState(true);
    useLayoutEffect(() => {
      if (!parts) void arrived.then(() => setWaits(false));
    }, []);
    const Part = parts?.[name] as FunctionComponent<typeof props> | undefined;
    return Part ? <Part {...props} /> : <p class="sdw-hint">{waits ? "Loading…" : "This page cannot show more of the Studio."}</p>;
  };
}
