// Notices as JupyterLab shows them.
import { Notification as LabNotification } from "@jupyterlab/apputils";
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

/** Browsers ask a person only after a click: so there is a button to click. For when the setting was just turned on. */
export function offerDesktop(allow: () => void): void {
  LabNotification.emit("May Seedance show notifications on the desktop?", "info", {
    autoClose: false,
    actions: [{ label: "Allow", displayType: "accent", callback: allow }],
  });
}
