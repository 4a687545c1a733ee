// What JupyterLab and Notebook say of themselves in their page; other hosts say nothing.

function config(): Record<string, unknown> {
  try {
    return JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** The host and its version, as "JupyterLab 4.6.6"; "" where it does not say. */
export function pageName(): string {
  const { appName, appVersion } = config();
  return appName && appVersion ? `${appName} ${appVersion}` : "";
}

/** The language that the page is in: JupyterLab's own, or the browser's. */
export const pageLanguage = () => document.documentElement.lang || navigator.language;

/** Where the server's own pages begin; null where that is not said. */
export function baseUrl(): string | null {
  const { baseUrl } = config();
  return typeof baseUrl === "string" ? baseUrl : null;
}
