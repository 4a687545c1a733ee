// Notices as JupyterLab shows them, and on the desktop while the page is out of sight.
import { Notification as LabNotification } from "@jupyterlab/apputils";
import { type Api, Refused } from "./api";
import { shortly } from "./job";
import type { Notice } from "./notices";

const SHOWN_MS = 10_000;
const MOST = 140; // letters that JupyterLab shows

export function say(words: string): void {
  LabNotification.emit(shortly(words, MOST), "warning", { autoClose: SHOWN_MS });
}

/** `show` is what the button does. */
export function tell(notice: Notice, show: () => void): void {
  const label = notice.job ? "Show" : "Show jobs";
  LabNotification.emit(shortly(notice.words, MOST), notice.tone, {
    autoClose: SHOWN_MS,
    actions: [{ label, caption: notice.job ? "Opens the job" : "Opens the panel of jobs", displayType: "accent", callback: show }],
  });
}

/** The same on the desktop, with the poster; nothing where the browser was not allowed to. */
export async function tellDesktop(notice: Notice, api: Pick<Api, "poster">, show: () => void): Promise<void> {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const icon = notice.job?.has_poster ? await posterOf(api, notice.job.id) : undefined;
  const shown = new Notification("Seedance", { body: notice.words, tag: `seedance-${notice.ids[0]}`, ...(icon ? { icon } : {}) });
  shown.onclick = () => {
    window.focus();
    shown.close();
    show();
  };
  shown.onclose = () => icon && URL.revokeObjectURL(icon);
}

async function posterOf(api: Pick<Api, "poster">, id: string): Promise<string | undefined> {
  try {
    return URL.createObjectURL(await api.poster(id));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return undefined;
  }
}

/** Browsers ask a person only after a click: so there is a button to click. */
export function offerDesktop(): void {
  if (!("Notification" in window) || Notification.permission !== "default") return;
  LabNotification.emit("May Seedance show notifications on the desktop?", "info", {
    autoClose: false,
    actions: [{ label: "Allow", displayType: "accent", callback: () => void Notification.requestPermission() }],
  });
}
