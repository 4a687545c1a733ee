// What a person can do about a job whose answer was lost: name it, or close it.
import { Button } from "../shared/button";
import { useRef } from "preact/hooks";
import type { Actions } from "./actions";

export interface UnconfirmedProps {
  id: string;
  act: Actions;
}

export function Unconfirmed({ id, act }: UnconfirmedProps) {
  const field = useRef<HTMLInputElement>(null);
  const adopt = () => {
    const said = field.current?.value.trim();
    if (said) act.order({ type: "adopt", job_id: id, request_id: said });
    else field.current?.focus();
  };
  return (
    <div class="sdw-actions">
      <input
        ref={field}
        type="text"
        class="sdw-input"
        aria-label="Request id"
        placeholder="Request ID from the vendor's dashboard"
        onKeyDown={(event) => event.key === "Enter" && adopt()}
      />
      <Button onClick={adopt}>Recover</Button>
      <Button onClick={() => act.order({ type: "discard", job_id: id })}>Discard</Button>
    </div>
  );
}
