// The parts of the Studio that its first view does not need, and that come in a second message.
import type { FunctionComponent } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { ClipMoreProps } from "../shared/clip-actions";
import type { Actions } from "./actions";
import type { FormProps } from "./field";
import type { MediaItemsProps } from "./media-items";
import type { Recall } from "./recall";
import type { SendAgainProps } from "./send-again";
import type { TogetherProps } from "./together";
import type { Uploads } from "./uploads";
import type { UseFrameProps } from "./use-frame";

export interface Parts {
  ClipMore: FunctionComponent<ClipMoreProps>;
  CapsPanel: FunctionComponent<FormProps & { close: () => void }>;
  Together: FunctionComponent<TogetherProps>;
  Unconfirmed: FunctionComponent<{ id: string; act: Actions }>;
  PromptsPanel: FunctionComponent<FormProps & { close: () => void }>;
  Recall: typeof Recall;
  SendAgain: FunctionComponent<SendAgainProps>;
  UseFrame: FunctionComponent<UseFrameProps>;
  Uploads: typeof Uploads;
  MediaItems: FunctionComponent<MediaItemsProps>;
  /** The part of a dropped file that tells what it was made from. */
  headOf: (file: Blob) => Promise<ArrayBuffer>;
}

type Drawn = { [Name in keyof Parts as Parts[Name] extends FunctionComponent<infer _> ? Name : never]: Parts[Name] };

let parts: Parts | null = null;
let settle: (parts: Parts | null) => void;
/** All parts, once they are here; null: this page does not take them. */
export const arrived = new Promise<Parts | null>((done) => (settle = done));

/** Those that are here; null: none. */
export const here = () => parts;

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
