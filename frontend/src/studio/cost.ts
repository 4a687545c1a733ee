// Dollars before the click, from the models' prices. Pure.
import type { ModelView, RequestView } from "./view";

/** The estimated cost in US dollars, or null where no price is known. */
export function priceOf(models: ModelView[], request: RequestView): number | null {
  const perSecond = models.find(({ id }) => id === request.model)?.usd_per_second[request.resolution];
  return perSecond === undefined ? null : Math.round(perSecond * request.duration * 1e4) / 1e4;
}

/** Dollars with cents; finer where cents would hide the figure. */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.01) return "< $0.01";
  const fine = usd < 1 && Math.abs(usd * 100 - Math.round(usd * 100)) > 1e-6 ? 3 : 2;
  return `$${usd.toFixed(fine)}`;
}

/** "$0.10 a second at 720p", or "No known price at 720p". */
export function priceWords(model: ModelView, resolution: string): string {
  const perSecond = model.usd_per_second[resolution];
  return perSecond === undefined ? `No known price at ${resolution}` : `${dollars(perSecond)} a second at ${resolution}`;
}
