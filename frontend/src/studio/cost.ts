// Dollars before the click, from the models' prices. Pure.
import { dotted } from "../shared/format";
import type { CapsView, ModelView, RequestView } from "./view";

export const CAPS = ["job", "session", "day"] as const;
export type Cap = `per_${(typeof CAPS)[number]}_usd`;

/** How much of the price of text each reference medium adds; `request.models.MEDIUM_SHARE`. */
export const MEDIUM_SHARE = 0.6;

/** The estimated cost in US dollars, or null where no price is known. */
export function priceOf(models: ModelView[], { model, resolution, duration, media_urls }: RequestView): number | null {
  const perSecond = models.find(({ id }) => id === model)?.usd_per_second[resolution];
  return perSecond === undefined ? null : Math.round(perSecond * duration * (1 + MEDIUM_SHARE * media_urls.length) * 1e4) / 1e4;
}

/** What the price list leaves open; "" where it covers the request. */
export const priceNote = ({ media_urls: { length } }: RequestView): string => (length ? `${60 * length} % more for media` : "");

/** Dollars with cents; finer where cents would hide the figure. */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.01) return "< $0.01";
  const fine = usd < 1 && Math.abs(usd * 100 - Math.round(usd * 100)) > 1e-6 ? 3 : 2;
  return `$${usd.toFixed(fine)}`;
}

/** "$0.10 a second at 720p", or "Price not published at 720p". */
export function priceWords(model: ModelView, resolution: string): string {
  const perSecond = model.usd_per_second[resolution];
  return perSecond === undefined ? `Price not published at ${resolution}` : `${dollars(perSecond)} a second at ${resolution}`;
}

/** "$1.00 a job · $5.00 a day"; "" where no cap is set. */
export function capsWords(caps: CapsView): string {
  return dotted(
    ...CAPS.map((each) => {
      const usd = caps[`per_${each}_usd`];
      return usd !== null && `${dollars(usd)} a ${each}`;
    }),
  );
}

/** Why a job of this cost would be refused, as far as the page can tell; "" where nothing speaks against it. */
export function capRemark(caps: CapsView, leftUsd: number | null, costUsd: number | null, takes = 1): string {
  if (costUsd === null) return capsWords(caps) && "A cap is set: nothing without a price is sent.";
  const above = (usd: number | null, jobs = 1) => usd !== null && costUsd > usd * jobs + 1e-9; // sums of dollars may be off by less
  return above(caps.per_job_usd, takes) ? "More than the cap for one job." : above(leftUsd) ? "More than what is left of the cap." : "";
}
