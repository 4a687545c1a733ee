// What a sweep has taught: a person's marks by the values of its axes.
import type { AxisView } from "./view";

export interface ByAxisProps {
  axes: AxisView[];
  id: string;
}

export function ByAxis({ axes, id }: ByAxisProps) {
  if (!axes.length) return null;
  return (
    <section class="sdw-taught" aria-labelledby={id}>
      <h3 class="sdw-group-title" id={id}>
        Your marks by value
      </h3>
      <div class="sdw-taught-axes">
        {axes.map(({ axis, values }) => (
          <div class="sdw-scroll" key={axis}>
            <table class="sdw-taught-table" aria-label={`Marks by ${axis}`}>
              <thead>
                <tr>
                  <th scope="col" dir="auto" translate={false}>{axis}</th>
                  <th scope="col">rating</th>
                  <th scope="col">stars</th>
                  <th scope="col">rejects</th>
                  <th scope="col">clips</th>
                </tr>
              </thead>
              <tbody>
                {values.map((each) => (
                  <tr key={each.value} data-best={each.best}>
                    <th scope="row" dir="auto">
                      <span translate={false}>{each.value}</span>
                      {each.best && <span class="sdw-best">best</span>}
                    </th>
                    <td>
                      {each.mean !== null && <span class="sdw-mean" style={{ width: `${((each.mean / 5) * 100).toFixed(0)}%` }} />}
                      {each.rating || "–"}
                    </td>
                    <td>{each.starred || "–"}</td>
                    <td>{each.rejected || "–"}</td>
                    <td>{each.clips}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </div>
    </section>
  );
}
