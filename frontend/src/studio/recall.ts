// The prompts of earlier jobs, which the arrow keys go through as in a shell.

export class Recall {
  #prompts: string[] = [];
  #at = -1;
  #typed = "";
  #shown: string | null = null;
  #waits = false;

  /** The prompt to show for a key, if there is one; `ask` asks for all of them, of which `known` are some. */
  press(key: string, now: string, known: string[], ask: () => void): string | null {
    const begins = now !== this.#shown;
    if (key === "ArrowDown") return begins ? null : this.#show(this.#newer(now));
    if (begins) {
      ask();
      this.#prompts = [...new Set(known)];
      this.#at = -1;
      this.#typed = now;
    }
    const older = this.#prompts.findIndex((each, i) => i > this.#at && each !== now);
    this.#waits = older < 0;
    if (older < 0) return null;
    this.#at = older;
    return this.#show(this.#prompts[older]!);
  }

  /** All of them are here; the answer is what to show, where a key waits for it. */
  hear(prompts: string[], now: string): string | null {
    this.#prompts = prompts;
    if (this.#shown !== null && this.#at >= 0) this.#at = Math.max(prompts.indexOf(this.#shown), 0);
    if (!this.#waits || (now !== this.#shown && now !== this.#typed)) return null;
    this.#shown = now;
    return this.press("ArrowUp", now, [], () => undefined);
  }

  #newer(now: string): string | null {
    if (this.#at < 0) return null;
    do this.#at -= 1;
    while (this.#at >= 0 && this.#prompts[this.#at] === now);
    return this.#prompts[this.#at] ?? this.#typed;
  }

  #show(prompt: string | null): string | null {
    this.#shown = prompt ?? this.#shown;
    return prompt;
  }
}
