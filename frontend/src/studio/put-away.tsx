// Puts what came of the last command out of sight.
import { Button } from "../shared/button";
import type { Actions } from "./actions";

export function PutAway({ act }: { act: Actions }) {
  return (
    <Button class="sdw-button sdw-put-away" onClick={act.putAway}>
      Put away
    </Button>
  );
}
