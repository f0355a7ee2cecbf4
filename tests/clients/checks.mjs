// What the checks of all clients share. The environment has DRIFTWOOD_URL, DRIFTWOOD_TOKEN and DRIFTWOOD_OTHER_TOKEN (two accounts), and
// DRIFTWOOD_READ_TOKEN (a token that may only read).
export const {
  DRIFTWOOD_URL: url, DRIFTWOOD_TOKEN: token, DRIFTWOOD_OTHER_TOKEN: otherToken, DRIFTWOOD_READ_TOKEN: readToken,
} = process.env;

/** Prints a line for a check: "ok <name>" or "not ok <name>: why". A check that fails makes the program end with 1. */
export async function check(name, test) {
  try {
    await test();
    console.log(`ok ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`not ok ${name}: ${String(error?.stack ?? error).replace(/\s+/g, " ")}`);
  }
}

export function same(found, expected) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Error(`found ${left}, expected ${right}`);
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Calls Driftwood's own API. */
export async function native(route, body, secret = token) {
  const response = await fetch(`${url}/api/${route}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.result;
}

/** Looks again until a job has ended, as programs do. */
export async function until(look, isEnded) {
  for (let n = 0; n < 600; n++) {
    const seen = await look();
    if (isEnded(seen)) return seen;
    await sleep(100);
  }
  throw new Error("does not end");
}
