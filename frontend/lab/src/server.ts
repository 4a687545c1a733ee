// How the page asks its Jupyter server: with its token or cookie and its XSRF header, also on a Hub.
import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import { type Ask, type Asked, Refused } from "./api";

export function askServer(settings: ServerConnection.ISettings): Ask {
  const url = (path: string) => `${URLExt.join(settings.baseUrl, "seedance")}/${path}`;
  const send = async (path: string, { method = "GET", body }: Asked = {}): Promise<Response> => {
    const init: RequestInit = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    let answer: Response;
    try {
      answer = await ServerConnection.makeRequest(url(path), init, settings);
    } catch {
      throw new Refused(0, "The Jupyter server does not answer.");
    }
    if (!answer.ok) throw await refusal(answer);
    return answer;
  };
  return {
    json: async (path, asked) => (await send(path, asked)).json(),
    blob: async (path) => (await send(path)).blob(),
    url,
  };
}

async function refusal(answer: Response): Promise<Refused> {
  const said = (await answer.json().catch(() => null)) as { error?: { what?: string; charged?: string; next_step?: string } } | null;
  const { what, charged, next_step } = said?.error ?? {};
  return new Refused(answer.status, what ?? `The Jupyter server answered with ${answer.status}.`, charged, next_step);
}
