// The quiet part: options, cost, names.
import type { ComponentChildren } from "preact";
import type { CardView } from "./job-view";
import { Copyable } from "./copyable";
import { cost, credits } from "./format";

type Named = Omit<CardView, "poster">;

export function Options({ view }: { view: Pick<CardView, "options"> }) {
  if (!view.options.length) return null;
  return (
    <dl class="sdw-options">
      {view.options.map(([name, value]) => (
        <div class="sdw-chip" key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function money(view: Named): ComponentChildren {
  const { cost_usd, credits_charged } = view;
  if (cost_usd == null && credits_charged == null) return null;
  return (
    <div class="sdw-money">
      {cost_usd != null && <span>{cost(cost_usd)}</span>}
      {credits_charged != null && <span>{credits(credits_charged, view.service)}</span>}
    </div>
  );
}

export function names(view: Named): ComponentChildren {
  if (!view.request_id && !view.job_id) return null;
  return (
    <div class="sdw-names">
      {view.job_id && <Copyable label="job" text={view.job_id} />}
      {view.request_id && <Copyable label="request" text={view.request_id} />}
    </div>
  );
}
