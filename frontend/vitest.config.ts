import { defineConfig } from "vitest/config";

export default defineConfig({
  // a deadline only ends what would hang: a busy machine is slow, and a test that is slow there is not wrong
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"], testTimeout: 60_000 },
});
