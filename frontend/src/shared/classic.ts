// The classic Notebook draws outputs anew as soon as the kernel has told which widgets there are. It clears them first,
// and so forgets, for a cell that has run before that, its widgets and the display ids: its place stays empty.

const VIEW = "application/vnd.jupyter.widget-view+json";

interface View {
  model_id: string;
}

interface Output {
  data?: { [VIEW]?: View };
}

/** What a cell of code has. */
interface Area {
  outputs: Output[];
  trusted: boolean;
  clear_output(): void;
  fromJSON(outputs: Output[]): void;
}

interface Page {
  Jupyter?: { notebook?: { get_cells(): { output_area?: Area }[] } };
}

/** To be called where a view is taken away: if its output is drawn anew the page gets back what it has forgotten. */
export function remindClassic(): void {
  for (const { output_area: area } of (window as Page).Jupyter?.notebook?.get_cells() ?? []) {
    if (!area) continue;
    const { outputs, trusted } = area;
    const views = outputs.flatMap(({ data }) => data?.[VIEW] ?? []);
    const ids = views.map((view) => view.model_id);
    queueMicrotask(() => {
      // Other outputs at once are the same drawn anew; those of a cell that runs come later.
      if (area.outputs === outputs || !area.outputs[0] || !views.some((view, i) => !view.model_id && ids[i])) return;
      views.forEach((view, i) => (view.model_id ||= ids[i]!));
      area.clear_output();
      area.trusted = trusted;
      area.fromJSON(outputs);
    });
  }
}
