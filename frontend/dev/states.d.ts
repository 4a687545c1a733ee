import type { CardView } from "../src/shared/job-view";

export const STATES: Record<string, (Partial<CardView> & { silent?: boolean }) | null>;
