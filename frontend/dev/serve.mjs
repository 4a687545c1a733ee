// Serves the harness on this machine only: npm run dev, then open the printed address.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

const server = createServer(async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
  const type = TYPES[extname(path)];
  const body = type && (await readFile(join(root, path)).catch(() => null));
  response.writeHead(body ? 200 : 404, { "content-type": type ?? "text/plain", "cache-control": "no-store" });
  response.end(body ?? "not here");
});

server.listen(Number(process.env.PORT ?? 8123), "127.0.0.1", () => {
  for (const page of ["index", "studio"]) console.log(`http://127.0.0.1:${server.address().port}/frontend/dev/${page}.html`);
});
