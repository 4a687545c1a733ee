// Figures in words. Pure.

/** Seconds as m:ss, or h:mm:ss from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A span in coarse steps, because it is only an estimate: "a few seconds", "40 s", "3 min". */
export function span(seconds: number): string {
  if (seconds <= 5) return "a few seconds";
  const fives = Math.ceil(seconds / 5) * 5;
  return fives <= 90 ? `${fives} s` : `${Math.round(seconds / 60)} min`;
}

/** Bytes as "850 kB" or "12.4 MB" (powers of ten, as file managers show them). */
export function bytes(count: number): string {
  if (count < 1e3) return `${count} B`;
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`;
  return `${(count / 1e6).toFixed(count < 1e8 ? 1 : 0)} MB`;
}

/** "3.2 of 12.4 MB", naming the unit once where both have the same. */
export function bytesOf(received: number, total: number | null): string {
  if (total === null) return bytes(received);
  const [part, whole] = [bytes(received), bytes(total)];
  const unit = whole.slice(whole.indexOf(" "));
  return `${part.endsWith(unit) ? part.slice(0, -unit.length) : part} of ${whole}`;
}

/** A cost in short, where there is no room to say that it is an estimate. */
export function about(usd: number): string {
  return usd === 0 ? "$0.00" : usd < 0.01 ? "< $0.01" : `≈ $${usd.toFixed(2)}`;
}

/** An estimated cost; always marked as one. */
export function cost(usd: number): string {
  return `${about(usd)} (estimate)`;
}

/** "10,000". */
export function counted(many: number): string {
  return many.toLocaleString("en-US");
}

/** What the server took. */
export function credits(count: number, service: string): string {
  const noun = count === 1 ? "credit" : "credits";
  return service === "simulator" ? `${counted(count)} simulated ${noun}` : `${counted(count)} ${noun} charged`;
}

/** How long the kernel has been silent; in steps, so that the sentence does not tick. */
export function silentFor(seconds: number): string {
  return seconds < 60 ? `${Math.floor(seconds / 5) * 5} s` : `${Math.floor(seconds / 60)} min`;
}

/** What there is of some facts, in one line. */
export function dotted(...facts: (string | number | false | null)[]): string {
  return facts.filter(Boolean).join(" · ");
}
