// What the kernel sends to the grid, to Compare and to Choose, and a page in which everything is in sight.
import type { CellView, ChoiceView, ChooseView, CompareView, GridView, SideView } from "../src/views/view";
import { CLIP } from "./fakes";

export class FakeObserver {
  constructor(private readonly tell: (entries: unknown[]) => void) {}
  observe(target: Element): void {
    this.tell([{ target, isIntersecting: true }]);
  }
  unobserve(): void {}
  disconnect(): void {}
}

export function cellOf(part: Partial<CellView> = {}): CellView {
  return {
    job_id: "a1", caption: "fox · rain", prompt: "a fox in rain", options: [["Duration", "5 s"]], status: "succeeded", status_text: "Succeeded",
    final: true, elapsed_s: 60, estimate: null, download: null, clip: CLIP, problem: null, has_poster: true, url: null, starred: false,
    rating: null, rejected: false, tags: [], note: "", cost_usd: 0.5, cancel: "unavailable", cancel_note: null, cancel_at_once: [], ...part,
  };
}

export function gridOf(cells: CellView[] = [cellOf()], part: Partial<GridView> = {}): GridView {
  return {
    kind: "grid", rev: 1, label: "Simulator", jobs: cells.length, summary: "1 of 1 ready", final: true, exports: [], question: null, note: null,
    shared: "", sweep: null, by_axis: [],
    groups: [{ heading: "", corner: "animal / weather", columns: ["rain"], rows: cells.map((cell) => ({ heading: cell.caption, cells: [[cell.job_id]] })) }],
    cells: Object.fromEntries(cells.map((cell) => [cell.job_id, cell])), ...part,
  };
}

export function sideOf(letter: string, part: Partial<SideView> = {}): SideView {
  return {
    letter, job_id: letter.toLowerCase(), prompt: `prompt ${letter}`, clip: CLIP, fps: 24, has_poster: false, url: null, starred: false,
    rating: null, tags: [], note: "", cost_usd: 0.5, as_magic: "%%seedance", as_python: "",
    spans: [{ text: "prompt ", marked: false }, { text: letter, marked: true }], ...part,
  };
}

export function compareOf(part: Partial<CompareView> = {}): CompareView {
  return {
    kind: "compare", rev: 1, label: "Simulator", jobs: 2, final: true, sides: [sideOf("A"), sideOf("B")],
    differences: [{ label: "Duration", values: ["4 s", "5 s"] }], same: [["Model", "seedance-2.0"]], winner: "", problem: null, note: "", ...part,
  };
}

export function chooseOf(many: number, part: Partial<ChoiceView>[] = []): ChooseView {
  const clips = Array.from({ length: many }, (_, i) => {
    const base = { caption: `take ${i + 1}`, prompt: "a fox", clip: CLIP, has_poster: true, url: null, starred: false, rating: null, rejected: false };
    return { ...base, job_id: `c${i}`, ...part[i] };
  });
  return { kind: "choose", rev: 1, label: "Simulator", jobs: many, final: true, clips, problem: null };
}
