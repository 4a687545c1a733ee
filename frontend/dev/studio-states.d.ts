import type { JobView, RequestView, StudioView } from "../src/studio/view";

export const STATES: Record<string, { view: Partial<StudioView>; jobs: JobView[] | object; request: RequestView; selected?: string; older?: number; press?: boolean }>;
