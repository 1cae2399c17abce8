/** Runs the conformance cases of a file in a page of a real Chromium, and prints what came of each: clients/conformance/README.md. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import type { Case } from "./observe.js";
import type {} from "./web.js";

const bundle = readFileSync(new URL("./web-bundle.js", import.meta.url));
const site = createServer((request, response) => {
  const isScript = request.url === "/web-bundle.js";
  response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? bundle : '<!doctype html><script type="module" src="/web-bundle.js"></script>');
});
await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => "observe" in window);
  for (const each of JSON.parse(readFileSync(process.argv[2]!, "utf8")) as Case[]) {
    const observed = await page.evaluate((given) => window.observe(JSON.parse(given) as Case), JSON.stringify(each));
    await new Promise((resolve) => process.stdout.write(`${JSON.stringify(observed)}\n`, resolve));
  }
} finally {
  await browser.close();
  site.close();
}
