// What the doctor found, as a list in a dialog.
import { Dialog, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { render } from "preact";
import { StatusIcon } from "../../src/shared/icons";
import { rootClass } from "../../src/shared/host";
import type { Tone } from "../../src/shared/tone";
import { type Api, Refused } from "./api";
import { say } from "./notify";
import type { Doctor } from "./job";

function toneOf(ok: boolean | null): Tone {
  return ok === null ? "quiet" : ok ? "good" : "bad";
}

function Checks({ checks }: Doctor) {
  return (
    <ul class="sdw-lab-checks" role="list">
      {checks.map(({ name, ok, detail, next_step }) => (
        <li key={name} data-tone={toneOf(ok)}>
          <span class="sdw-status">
            <StatusIcon tone={toneOf(ok)} />
            <span>{name}</span>
          </span>
          <p>{detail}</p>
          {next_step && <p class="sdw-hint">{next_step}</p>}
        </li>
      ))}
    </ul>
  );
}

export async function showDoctor(api: Api): Promise<void> {
  let found: Doctor;
  try {
    found = await api.doctor();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return say(error.message);
  }
  const body = new Widget();
  body.addClass("sdw-lab-doctor");
  body.node.className += ` ${rootClass("lab")}`;
  render(<Checks {...found} />, body.node);
  const title = found.ok ? "Seedance: all is well" : "Seedance: something needs you";
  await showDialog({ title, body, buttons: [Dialog.okButton({ label: "Close" })] });
  render(null, body.node);
}
