// Notices as JupyterLab shows them.
import { Notification as LabNotification } from "@jupyterlab/apputils";
import type { Api } from "./api";
import { shortly } from "./job";
import type { Notice } from "./notices";
import { putPoster } from "./poster";

const SHOWN_MS = 10_000;
const MOST = 140; // letters that JupyterLab shows

export function say(words: string): void {
  LabNotification.emit(shortly(words, MOST), "warning", { autoClose: SHOWN_MS });
}

/** With the poster, where it is about one clip. `show` is what the button does. */
export function tell(notice: Notice, api: Pick<Api, "poster">, show: () => void): void {
  const label = notice.job ? "Show" : "Show jobs";
  const id = LabNotification.emit(shortly(notice.words, MOST), notice.tone, {
    autoClose: SHOWN_MS,
    actions: [{ label, caption: notice.job ? "Opens the job" : "Opens the panel of jobs", displayType: "accent", callback: show }],
  });
  putPoster(id, api, notice.job);
}

/** Browsers ask a person only after a click: so there is a button to click. For when the setting was just turned on. */
export function offerDesktop(allow: () => void): void {
  LabNotification.emit("May Seedance show notifications on the desktop?", "info", {
    autoClose: false,
    actions: [{ label: "Allow", displayType: "accent", callback: allow }],
  });
}
