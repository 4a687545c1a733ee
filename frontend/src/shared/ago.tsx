// When it was: how long ago in words, and exactly under the pointer.

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Whole minutes since 1970 by the page's clock: what is drawn anew once a minute. */
export function thisMinute(): number {
  return Math.floor(Date.now() / 60_000);
}

/** `at`: seconds since 1970; `minute`: see `thisMinute`. */
export function Ago({ at, minute }: { at: number; minute: number }) {
  if (!at) return null;
  const date = new Date(at * 1000);
  return (
    <time dateTime={date.toISOString()} title={EXACT.format(date)}>
      {ago(Math.floor(minute - at / 60)) ?? DAY.format(date)}
    </time>
  );
}

/** Minutes in words; null from a day on, where the day itself says more. */
export function ago(minutes: number): string | null {
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h ago` : null;
}
