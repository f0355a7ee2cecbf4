// Uses Swagger UI in headless Chromium as a person does: authorises, imports a file, runs a bulk job, sees a failure.
// The environment has DRIFTWOOD_URL, DRIFTWOOD_TOKEN, and DRIFTWOOD_PICTURE, where the picture of the page is kept.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { same, token, until, url } from "./checks.mjs";

const executablePath = process.env.PATH.split(delimiter)
  .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
  .find(existsSync);
if (!executablePath) throw new Error("Chromium is not installed. On Debian: apt-get install chromium");

// Chromium has no sandbox for root.
const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid() !== 0 });
const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
page.setDefaultTimeout(30_000);

/** The block of a route, opened for "Try it out". */
async function open(route) {
  const block = page.locator(`.opblock[id$="-${route}"]`).filter({ has: page.locator(".opblock-summary-path") });
  await block.locator(".opblock-summary-control").click();
  await block.locator(".try-out__btn").click();
  await block.locator("button.execute").waitFor();
  return block;
}

/** Presses Execute. Gives what was sent and what the page shows of the answer. */
async function execute(block) {
  const request = page.waitForRequest((sent) => ["POST", "PUT"].includes(sent.method()));
  await block.locator("button.execute").click();
  const sent = await request;
  const answer = await sent.response();
  // The headers of the answer tell it from the one before.
  const shown = block.locator(".live-responses-table tbody tr", { hasText: answer.headers()["x-request-id"] });
  await shown.locator(".response-col_status", { hasText: String(answer.status()) }).waitFor();
  const text = await shown.locator(".response-col_description .highlight-code code").first().textContent();
  return { status: answer.status(), headers: sent.headers(), text };
}

/** Calls a route with a body of its own, or as the page fills it in. */
async function call(block, body) {
  if (body) await block.locator("textarea.body-param__text").fill(JSON.stringify(body, null, 2));
  const answer = await execute(block);
  return { ...answer, body: JSON.parse(answer.text) };
}

async function result(block, body) {
  const answer = await call(block, body);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.result;
}

/** Presses Execute until the job has ended, as a person who watches it does. */
const finish = async (route, id) => {
  const block = await open(route);
  return until(() => result(block, { id }), (job) => job.status !== "processing");
};

/** The pages fill in no key: one key for two requests would be refused. */
async function keyOf(block) {
  return block.locator('tr[data-param-name="Idempotency-Key"] input').inputValue();
}

await page.goto(`${url}/`);
await page.locator(".opblock").first().waitFor();
console.log(`/ leads to ${new URL(page.url()).pathname}`);

await page.locator(".auth-wrapper button.authorize").click();
await page.locator(".auth-container input").fill(token);
await page.locator(".auth-btn-wrapper button.authorize").click();
await page.locator(".auth-btn-wrapper button.btn-done").click();
await page.reload();
await page.locator(".auth-wrapper button.authorize.locked").waitFor();
const me = await result(await open("me"));
console.log(`authorised after a reload as ${me.user.email}`);

const requesting = await open("imports-request-upload");
same(await keyOf(requesting), "");
const requested = await call(requesting);
same(requested.headers["idempotency-key"], undefined);
const upload = requested.body.result;
const putting = await open("uploads-put");
await putting.locator('tr[data-param-name="jobId"] input').fill(upload.job_id);
for (const [name, value] of new URL(upload.signed_url).searchParams)
  await putting.locator(`tr[data-param-name="${name}"] input`).fill(value);
await putting.locator('input[type="file"]').setInputFiles({
  name: "leads.csv",
  mimeType: "text/csv",
  buffer: Buffer.from("Email,First Name,City\na@example.com,Ada,Oslo\nb@example.com,Bo,Oslo\nnot an address,Cy,Rome\n"),
});
const put = await execute(putting);
console.log(`PUT ${put.status} ${JSON.parse(put.text).result.byte_length} bytes`);
const { preview } = await result(await open("imports-complete-upload"), { id: upload.job_id });
console.log(`preview ${preview.total_rows} ${preview.headers.join("|")}`);
const confirming = await open("imports-confirm");
same(await keyOf(confirming), "");
await result(confirming, { id: upload.job_id });
const imported = await finish("imports-get", upload.job_id);
console.log(`import ${imported.status} ${imported.created_count} created, ${imported.failed_count} failed`);
const errors = await result(await open("imports-errors"), { id: upload.job_id });
for (const row of errors.items) console.log(`row ${row.row_number} ${row.code}`);

// The example is sent as the page fills it in.
const creating = await open("bulk-jobs-create");
same(await keyOf(creating), "");
const examples = creating.locator(".opblock-section-request-body select.examples-select-element");
console.log(`bulk-jobs-create has ${await examples.locator("option").count()} examples`);
await examples.selectOption("tag_by_filter");
await creating.locator("textarea.body-param__text").filter({ hasText: "Oslo" }).waitFor();
const job = await result(creating);
const tagged = await finish("bulk-jobs-get", job.id);
console.log(`bulk job ${tagged.operation} ${tagged.status} ${tagged.success_count} of ${tagged.total_count}`);

const answers = creating.locator(".responses-table:not(.live-responses-table)");
const failures = answers.locator("tr.failure");
const shown = () => answers.locator(".highlight-code").count();
const heights = await failures.evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().height));
console.log(`bulk-jobs-create shows ${await failures.count()} failures and ${await shown()} example`);
same(heights.filter((height) => height > 60), []);
await failures.filter({ hasText: "429" }).locator("button").click();
await answers.locator(".highlight-code", { hasText: "rate_limited" }).waitFor();
console.log(`an opened failure shows its example, ${await shown()} in all`);
await failures.filter({ hasText: "429" }).locator("button").click();
same(await shown(), 1);

const failing = await open("bulk-jobs-cancel");
const refused = await call(failing);
console.log(`refused ${refused.status} ${refused.body.error.code}`);
await failing.locator(".live-responses-table").scrollIntoViewIfNeeded();
await page.screenshot({ path: process.env.DRIFTWOOD_PICTURE });

await page.locator("input.operation-filter-input").fill("Imports");
await page.locator("#operations-tag-Contacts").waitFor({ state: "detached" });
console.log(`filtered to ${await page.locator(".opblock-tag-section").count()} tag`);
await browser.close();
