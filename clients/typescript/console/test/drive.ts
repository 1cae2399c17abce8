/**
 * Drives the console in a real Chromium. Prints nothing and ends with 0 if it behaves.
 *   node drive.mjs SCENARIO '{"console": "http://127.0.0.1:8080/console/", …}'
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";

/** What a scenario is given. */
interface Given {
  /** The page's address. */
  readonly console: string;
  /** The page as a file on the disk. */
  readonly page: string;
  /** Where files are put. */
  readonly folder: string;
  /** The address of a server on another origin that allows this page, and its token. */
  readonly other?: string;
  readonly token?: string;
  /** Where pictures for the documentation are put, if they are wanted. */
  readonly images?: string | null;
}

const kettle = "My kettle is leaking, what can you do?";
const tablet = "I bought this tablet last week and it is dirty.";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const patience = 120_000;
const [, , scenario, json] = process.argv;
const given = JSON.parse(json!) as Given;

const scenarios: Readonly<Record<string, (browser: Browser) => Promise<void>>> = {
  align, compare, replay, cancel, errors, parameters, accessible, narrow,
};

const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  await scenarios[scenario!]!(browser);
} finally {
  await browser.close();
}

/** A prompt gets an answer, charts, figures and marked words that tell what stood there before. */
async function align(all: Browser): Promise<void> {
  const page = await open(all);
  await ask(page, kettle, { seed: "1" });
  await finished(page);
  assert.match(await text(page.locator(".run .answer").first()), /skilled expert/);
  assert.equal(await page.locator(".charts .chart:visible canvas").count(), 3);
  assert.match(await page.locator(".chart .plot").first().getAttribute("aria-label") ?? "", /^Energy by iteration\. A: from \S+ to \S+ in \d+ iterations/);
  assert.match(await text(page.locator(".figures")), /Energy nats.*Reward.*Log-probability/s);
  assert.match(await text(page.locator(".cost")), /iterations · [\d,]+ model tokens · [\d,]+ more for figures by token · [\d.]+ s · seed 1/);

  // By keyboard: the mark says what the draft had, and what its words would do to the figures.
  await page.locator(".cost").waitFor();
  await page.waitForFunction(() => document.querySelector(".change") !== null);
  const mark = page.locator(".change").first();
  await mark.focus();
  const card = page.locator("#change-card");
  await card.waitFor();
  await page.waitForFunction(() => {
    const change = document.querySelector<HTMLElement>(".change")!;
    change.blur();
    change.focus();
    return document.querySelector("#change-card")!.textContent.includes("Log-prob.");
  }, undefined, { timeout: patience, polling: 200 });
  assert.match(await text(card), /since iteration \d+\..*Instead.*Energy.*Reward.*“\w+” draft\s*[+−]\d/s);
  assert.equal(await mark.getAttribute("aria-describedby"), "change-card");
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "hidden" });
  await mark.hover();
  await card.waitFor();

  // The steps go back to the draft, by keyboard too.
  const slider = page.locator("#step");
  await slider.focus();
  await page.keyboard.press("Home");
  assert.match(await text(page.locator("#step-name")), /start/);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.match(await text(page.locator("#step-name")), /draft/);
  await page.keyboard.press("End");
  assert.match(await text(page.locator("#step-name")), /final/);

  await page.locator(".figures-table summary").click();
  await page.locator(".figures-table tbody tr").nth(4).waitFor({ state: "attached", timeout: patience }); // It is drawn after the click.
  await tokens(page);
}

/** Every token of the answer tells its figures, to the pointer and by keyboard. */
async function tokens(page: Page): Promise<void> {
  const answer = await page.locator(".run .answer").first().innerText();
  const card = page.locator("#change-card");
  await page.getByText("Answer by token", { exact: true }).click();
  const each = page.locator(".token");
  assert.equal((await each.allInnerTexts()).join("").replaceAll("⏎", "").trim(), answer.trim());
  await page.getByText("Answer by token", { exact: true }).focus();
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.activeElement === document.querySelector(".token"));
  assert.match(await text(card), /Token 1 of \d+.*Log-probability −?\d.*Gradient norm \d.*Likeliest here.*Log-prob\..*−?\d/s);
  assert.equal(await each.first().getAttribute("aria-describedby"), "change-card");
  await page.keyboard.press("ArrowRight");
  assert.match(await text(card), /Token 2 of/);
  await page.keyboard.press("End");
  assert.match(await text(card), new RegExp(`Token ${await each.count()} of ${await each.count()}`));
  assert.equal(await page.locator('.token[tabindex="0"]').count(), 1, "The tokens are one stop of the Tab key.");
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "hidden" });
  await each.nth(2).hover();
  assert.match(await text(card), /Token 3 of/);
  assert.ok(await page.locator(".token.changed").count() > 0);
  assert.equal(await card.locator("tbody tr").count(), 2 + 5, "Two figures and five alternatives.");
  await page.keyboard.press("Escape");
}

/** Two methods answer one prompt side by side from the same seed. */
async function compare(all: Browser): Promise<void> {
  const page = await open(all);
  await page.getByLabel("Compare with another method").check();
  await page.getByLabel("Method", { exact: true }).selectOption("energy_search");
  await page.getByLabel("Second", { exact: true }).selectOption("best_of_n");
  await ask(page, tablet, { seed: "1" });
  await finished(page, 2);
  assert.deepEqual(await page.locator(".card h3").allInnerTexts(), ["A energy_search", "B best_of_n"]);
  assert.equal(await page.locator(".reply").count(), 2);
  const [first, second] = await page.locator(".card .cost").allInnerTexts();
  assert.match(first!, /seed 1$/);
  assert.match(second!, /seed 1$/);
  assert.match(await page.locator(".chart .plot").first().getAttribute("aria-label") ?? "", /A: from .* B: from /);
  // At one moment: figures that come later draw the cards anew.
  const tops = await page.locator(".card").evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().top));
  assert.equal(tops[0], tops[1], "The two answers stand side by side.");
}

/** A run is saved, and the page shows it again from the disk, without any server. */
async function replay(all: Browser): Promise<void> {
  const page = await open(all);
  await ask(page, kettle, { seed: "1" });
  await finished(page);
  await page.waitForFunction(() => {
    document.querySelector<HTMLElement>(".change")!.focus();
    return document.querySelector("#change-card")!.textContent.includes("Log-prob.");
  }, undefined, { timeout: patience, polling: 200 });
  await page.keyboard.press("Escape");
  const answer = await text(page.locator(".run .answer").first());
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save run" }).click();
  const file = join(given.folder, "run.jsonl");
  await (await saved).saveAs(file);

  const offline = await open(all, {}, given.page);
  assert.match(await text(offline.locator(".server")), /No server/);
  await offline.context().setOffline(true);
  await offline.locator("#file").setInputFiles(file);
  assert.match(await text(offline.locator(".said")), new RegExp(kettle.replace("?", "\\?")));
  await offline.getByRole("button", { name: "Pause" }).waitFor();
  await finished(offline);
  await offline.getByRole("button", { name: "Play" }).waitFor();
  assert.equal(await text(offline.locator(".run .answer").first()), answer);
  await offline.locator(".change").first().focus();
  assert.match(await text(offline.locator("#change-card")), /Log-prob\./);
  await offline.keyboard.press("Escape");
  await tokens(offline);

  // Two files are compared, and a file of something else is refused with what to do.
  await offline.locator("#file").setInputFiles([file, file]);
  await finished(offline, 2);
  await offline.locator("#file").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
  assert.match(await text(offline.locator(".problem")), /notes\.txt is not a recorded run/);
}

/** A run that would go on for ever is cancelled and gives its best answer. */
async function cancel(all: Browser): Promise<void> {
  const page = await open(all);
  await ask(page, "Go on for ever", { seed: "9005", method: "sea" });
  await page.waitForFunction(() => /^Iteration \d/.test(document.querySelector(".state")?.textContent ?? ""), undefined, { timeout: patience });
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForFunction(() => document.querySelector(".state")?.textContent === "Cancelled: best so far", undefined, { timeout: patience });
  await page.getByRole("button", { name: "Send" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "prompt");
}

/** An error says what to change and leads there. */
async function errors(all: Browser): Promise<void> {
  const page = await open(all);
  await page.getByRole("button", { name: "Connection" }).first().click();
  await page.getByLabel("Server", { exact: true }).fill(given.other!);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  const problem = page.locator(".problem");
  await problem.waitFor();
  assert.match(await text(problem), /needs a token.*SeaGrpc:Security:AuthToken/s);
  await problem.getByRole("button", { name: "Connection" }).click();
  await page.getByLabel("Token", { exact: true }).fill(given.token!);
  await page.keyboard.press("Enter");
  await page.locator(".server .on").waitFor();

  await page.getByLabel("Method", { exact: true }).selectOption("sea");
  await page.getByRole("button", { name: "Parameters of sea" }).click();
  await page.getByLabel("chains", { exact: true }).fill("10000");
  await page.locator("#parameters").getByRole("button", { name: "Close" }).click();
  await ask(page, "Hello", {});
  await page.locator(".card .problem").waitFor();
  assert.match(await text(page.locator(".card .problem")), /refused the request.*spec\.sea\.chains.*64/s);
  await page.locator(".card .problem").getByRole("button", { name: "Change it" }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "chains");
  assert.equal(await page.getByLabel("chains", { exact: true }).getAttribute("aria-invalid"), "true");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Connection" }).first().click();
  await page.getByLabel("Server", { exact: true }).fill("http://127.0.0.1:9");
  await page.keyboard.press("Enter");
  await page.getByText("No server answers").waitFor({ timeout: patience });
}

/** The form of a method has its parameters with their ranges and defaults, and what is set is sent. */
async function parameters(all: Browser): Promise<void> {
  const page = await open(all);
  await page.getByLabel("Method", { exact: true }).selectOption("sea");
  await page.getByRole("button", { name: "Parameters of sea" }).click();
  const chains = page.getByLabel("chains", { exact: true });
  assert.equal(await chains.getAttribute("placeholder"), "1");
  assert.equal(await chains.getAttribute("max"), "64");
  assert.match(await text(page.locator("#help-chains")), /Number of chains\. 1 to 64/);
  await page.getByLabel("preset", { exact: true }).selectOption({ label: "langevin" });
  assert.equal(await chains.getAttribute("placeholder"), "4");
  await page.getByLabel("iterations", { exact: true }).fill("3");
  await page.getByLabel("Find a parameter").fill("embedding");
  assert.ok(await chains.isHidden());
  assert.equal(await text(page.locator(".method-text")), "sea[preset=langevin,iterations=3]");
  await page.locator("#parameters").getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Parameters of sea, 2 set" }).waitFor();
  await ask(page, kettle, { seed: "1" });
  await finished(page);
  assert.match(await text(page.locator(".cost")), /^3 iterations/);
  assert.equal(await page.locator(".charts .chart:visible").count(), 5, "Langevin dynamics has a gradient and a divergence.");
  await page.getByText("Divergence from the policy by token").click();
  assert.ok(await page.locator(".divergence rect").count() > 10);
}

/** No serious violation of WCAG 2.2 A and AA in any state, light and dark. */
async function accessible(all: Browser): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    const page = await open(all, { colorScheme: theme, viewport: { width: 1280, height: 860 }, deviceScaleFactor: given.images ? 1.5 : 1 });
    await check(page, `${theme}, start`);
    await page.getByRole("button", { name: "Parameters of" }).click();
    await check(page, `${theme}, parameters`);
    if (theme === "light") {
      await picture(page, "parameters");
    }

    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Request" }).click();
    await check(page, `${theme}, request`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Connection" }).first().click();
    await check(page, `${theme}, connection`);
    await page.keyboard.press("Escape");
    await ask(page, tablet, { seed: "1" });
    await finished(page);
    await page.waitForFunction(() => {
      const marks = [...document.querySelectorAll<HTMLElement>(".change")];
      marks[Math.min(1, marks.length - 1)]!.focus();
      return document.querySelector("#change-card")!.textContent.includes("Log-prob.");
    }, undefined, { timeout: patience, polling: 200 });
    await check(page, `${theme}, answer`);
    await picture(page, theme);
    await page.getByText("Draft", { exact: true }).last().click();
    await page.locator(".figures-table summary").click();
    await check(page, `${theme}, draft and table`);
    await page.getByText("Answer by token", { exact: true }).click();
    await page.locator(".token").nth(3).focus();
    await page.waitForFunction(() => document.querySelector("#change-card")!.textContent.includes("Token 4"));
    await check(page, `${theme}, tokens`);
    await page.locator(".token").nth(3).scrollIntoViewIfNeeded();
    await picture(page, theme === "light" ? "tokens" : "tokens-dark");
    await page.keyboard.press("Escape");
    await page.getByLabel("Compare with another method").check();
    await page.getByLabel("Second", { exact: true }).selectOption("best_of_n");
    await ask(page, tablet, { seed: "1" });
    await finished(page, 2);
    await page.locator(".figures-table summary").click();
    await check(page, `${theme}, comparison`);
    if (theme === "light") {
      await page.locator(".run").evaluate((run) => run.scrollTo(0, 0));
      await picture(page, "compare");
    }

    await page.locator("#file").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
    await page.locator(".problem").waitFor();
    await check(page, `${theme}, problem`);
    await page.context().close();
  }
}

/** On a narrow screen nothing is cut off and nothing scrolls sideways. */
async function narrow(all: Browser): Promise<void> {
  for (const width of [320, 390, 768]) {
    const page = await open(all, { viewport: { width, height: 800 }, deviceScaleFactor: given.images ? 1.5 : 1 });
    await fits(page, `start at ${width}`);
    await page.getByRole("button", { name: "Parameters of" }).click();
    await fits(page, `parameters at ${width}`);
    await page.keyboard.press("Escape");
    await page.getByLabel("Compare with another method").check();
    await ask(page, tablet, { seed: "1" });
    await finished(page, 2);
    await page.locator(".change").first().focus();
    await fits(page, `comparison at ${width}`);
    await page.getByText("Answer by token", { exact: true }).first().click();
    await page.locator(".token").first().focus();
    await fits(page, `tokens at ${width}`);
    await page.getByText("Answer by token", { exact: true }).first().click();
    if (width === 390) {
      await page.keyboard.press("Escape");
      await page.locator(".steps").evaluate((steps) => steps.scrollIntoView({ block: "start" }));
      await picture(page, "narrow");
    }

    await page.context().close();
  }
}

/** Opens the page and waits for its server. A violation of its policy, or an error that nothing catches, is a failure. */
async function open(all: Browser, options: BrowserContextOptions = {}, address = given.console): Promise<Page> {
  const context = await all.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => fail(`The page threw: ${error.stack}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|ERR_|CORS/.test(message.text())) {
      fail(`The page logged: ${message.text()}`);
    }
  });
  await page.goto(address);
  if (address === given.console) {
    await page.locator(".server .on").waitFor();
  }

  return page;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

async function ask(page: Page, prompt: string, { seed, method }: { seed?: string; method?: string }): Promise<void> {
  if (method !== undefined) {
    await page.getByLabel("Method", { exact: true }).selectOption(method);
  }

  if (seed !== undefined) {
    await page.getByRole("button", { name: /^Request/ }).click();
    await page.getByLabel("Seed").fill(seed);
    await page.keyboard.press("Escape");
  }

  await page.getByLabel("Prompt", { exact: true }).fill(prompt);
  await page.getByLabel("Prompt", { exact: true }).press("Enter");
}

/** Waits until every run that is shown has its answer. */
async function finished(page: Page, runs = 1): Promise<void> {
  await page.waitForFunction(
    (count) => document.querySelectorAll(".card").length === count && document.querySelectorAll(".card .cost").length === count,
    runs, { timeout: patience });
}

async function text(locator: Locator): Promise<string> {
  return (await locator.innerText()).replace(/\s+/g, " ").trim();
}

async function check(page: Page, state: string): Promise<void> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> } })
    .axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map((node) => `${node.html}\n    ${node.failureSummary}`).join("\n  ")}`);
  if (found.length > 0) {
    fail(`${state}:\n${found.join("\n")}`);
  }
}

async function fits(page: Page, state: string): Promise<void> {
  const [inner, whole] = await page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollWidth] as const);
  assert.ok(whole <= inner, `${state}: ${whole} pixels wide in a window of ${inner}`);
}

async function picture(page: Page, name: string): Promise<void> {
  if (given.images) {
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(given.images, `console-${name}.png`), animations: "disabled" });
  }
}
