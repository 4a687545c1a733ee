// Whether a person asked their system for less motion.
export function stillsOnly(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
