// The quiet part: options, cost, names, and what service this was.
import type { ComponentChildren } from "preact";
import { Copyable } from "./copyable";
import { cost, credits } from "./format";
import type { CardView } from "./view";

export function Options({ view }: { view: CardView }) {
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

export function Facts({ view }: { view: CardView }) {
  const notice = view.notice ?? (view.service === "simulator" ? "Simulator" : null);
  const badge = notice && <span class="sdw-badge">{notice}</span>;
  const facts = [money(view), badge, names(view)].filter(Boolean);
  return facts.length ? <div class="sdw-footer">{facts}</div> : null;
}

function money(view: CardView): ComponentChildren {
  const { cost_usd, credits_charged } = view;
  if (cost_usd === null && credits_charged === null) return null;
  return (
    <div class="sdw-money">
      {cost_usd !== null && <span>{cost(cost_usd)}</span>}
      {credits_charged !== null && <span>{credits(credits_charged, view.service)}</span>}
    </div>
  );
}

function names(view: CardView): ComponentChildren {
  if (!view.request_id && !view.job_id) return null;
  return (
    <div class="sdw-names">
      {view.job_id && <Copyable label="job" text={view.job_id} />}
      {view.request_id && <Copyable label="request" text={view.request_id} />}
    </div>
  );
}
