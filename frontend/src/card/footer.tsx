// The last line: cost, what service this was, names.
import { money, names } from "../shared/facts";
import type { CardView } from "../shared/job-view";

export function Footer({ view }: { view: CardView }) {
  const notice = view.notice ?? (view.service === "simulator" ? "Simulator" : null);
  const badge = notice && <span class="sdw-badge">{notice}</span>;
  const facts = [money(view), badge, names(view)].filter(Boolean);
  return facts.length ? <div class="sdw-footer">{facts}</div> : null;
}
