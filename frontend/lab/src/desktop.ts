// Notifications of the browser, on the desktop, while the page is out of sight.
import type { Api } from "./api";
import type { Notice } from "./notices";
import { posterOf } from "./poster";

/** What the browser lets this page do; "impossible": it has none, or the page came neither by https nor from this machine. */
export type Permission = NotificationPermission | "impossible";

export function permission(): Permission {
  return "Notification" in window && window.isSecureContext ? Notification.permission : "impossible";
}

/** Has the browser ask. Only for the click of a person. */
export async function askPermission(): Promise<Permission> {
  if (permission() === "default") await Notification.requestPermission();
  return permission();
}

/** The beginning of the prompt and the state, with the poster; nothing where the browser does not allow it. */
export async function tellDesktop(notice: Notice, api: Pick<Api, "poster">, show: () => void): Promise<void> {
  if (permission() !== "granted") return;
  const icon = await posterOf(api, notice.job);
  const shown = open(notice, icon);
  if (!shown) return;
  shown.onclick = () => {
    window.focus();
    shown.close();
    show();
  };
  shown.onclose = () => icon && URL.revokeObjectURL(icon);
}

function open({ brief, ids }: Notice, icon: string | undefined): Notification | null {
  try {
    return new Notification("Seedance", { body: brief, tag: `seedance-${ids[0]}`, ...(icon && { icon }) });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // browsers of phones allow it and have no constructor
    return null;
  }
}
