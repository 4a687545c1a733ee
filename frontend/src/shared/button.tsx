// A button that only does what its handler says.
import type { JSX } from "preact";

type Props = Omit<JSX.IntrinsicElements["button"], "onClick"> & {
  onClick: (event: MouseEvent) => void;
  /** Rests, but keeps the focus, which `disabled` would throw away. */
  off?: boolean;
};

export function Button({ off, onClick, ...props }: Props) {
  return <button type="button" class="sdw-button" aria-disabled={off} onClick={(event) => off || onClick(event)} {...props} />;
}
