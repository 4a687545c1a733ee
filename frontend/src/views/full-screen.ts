// Full screen and back.

/** Where the host does not allow it, nothing happens. */
export function toggleFullScreen(element: HTMLElement | null): void {
  const { ownerDocument: page } = element ?? { ownerDocument: document };
  const done = page.fullscreenElement ? page.exitFullscreen() : element?.requestFullscreen?.();
  done?.catch(() => undefined);
}
