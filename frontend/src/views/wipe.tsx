// The edge between two clips that lie on each other: left of it the first, right of it the second.
interface Props {
  /** 0 to 100, the share of the first. */
  at: number;
  move: (at: number) => void;
}

const STEP = 2;

export function Wipe({ at, move }: Props) {
  const to = (next: number) => move(Math.min(100, Math.max(0, next)));
  const follow = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    to(((event.clientX - left) / width) * 100);
  };
  const keys: Record<string, number> = { ArrowLeft: at - STEP, ArrowRight: at + STEP, Home: 0, End: 100 };
  return (
    <div
      class="sdw-wipe"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture?.(event.pointerId);
        follow(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) follow(event);
      }}
    >
      <div
        class="sdw-wipe-edge"
        role="slider"
        tabIndex={0}
        aria-label="Wipe between A and B"
        aria-valuenow={Math.round(at)}
        aria-valuetext={`${Math.round(at)} % of A`}
        style={{ left: `${at}%` }}
        onKeyDown={(event) => {
          const next = keys[event.key];
          if (next === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          to(next);
        }}
      />
    </div>
  );
}
