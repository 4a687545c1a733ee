// The names of saved prompts among the ids of what is being deleted.
export const PROMPT = "prompt:";

/** The saved prompt that is meant; "" for a job. */
export function promptIn(id: string): string {
  return id.startsWith(PROMPT) ? id.slice(PROMPT.length) : "";
}
