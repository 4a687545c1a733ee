// A clip's marks over its picture.
import { CROSS, Icon } from "../shared/icons";
import { STAR } from "./glyphs";
import type { Marks } from "./marks";

export function MarkSigns({ cell: { starred, rating, rejected } }: { cell: Marks }) {
  if (!starred && !rejected && rating === null) return null;
  return (
    <span class="sdw-cell-marks" aria-hidden="true">
      {rating !== null && <span>{rating}</span>}
      {starred && (
        <span class="sdw-cell-star">
          <Icon path={STAR} fill="currentColor" />
        </span>
      )}
      {rejected && <Icon path={CROSS} width={2} />}
    </span>
  );
}
