// A program of somebody's own is told what happens on their channel.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { browser, isAccessible, isContent, PHONE, signsIn, site, until, visitor } from "./kit.mjs";

describe("a webhook", () => {
  let chromium;
  let here;
  let receiver;
  let arrived;
  let status;

  before(async () => {
    chromium = await browser();
    here = await site(["--egress-allow", "127.0.0.1", "--egress-http", "true"]);
    await here.person("asha");
    arrived = [];
    status = 204;
    receiver = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => (body += piece));
      request.on("end", () => {
        arrived.push({ body: JSON.parse(body), signature: request.headers["webhook-signature"] });
        response.statusCode = status;
        response.end();
      });
    });
    await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  });

  after(async () => {
    receiver?.close();
    await chromium?.close();
    await here?.stops();
  });

  it("is added, tried, looked after and removed", async () => {
    const page = await visitor(chromium, here, PHONE);
    await signsIn(page, "asha");
    await page.goto("/account/webhooks");
    await page.getByRole("heading", { name: "No webhooks" }).waitFor();
    await page.getByRole("button", { name: "Add a webhook" }).click();
    await page.getByLabel("Address").fill("http://10.0.0.1/inside");
    const add = page.locator("form").getByRole("button", { name: "Add a webhook" });
    await add.click();
    await page.getByText("nothing is sent to this address").waitFor();
    const address = `http://127.0.0.1:${receiver.address().port}/hook`;
    await page.getByLabel("Address").fill(address);
    await page.getByLabel("Your tweets").check();
    await isAccessible(page, "the form of a webhook");
    await add.click();
    const secret = await page.getByRole("textbox", { name: "The secret of this webhook" }).inputValue();
    assert.match(secret, /^whsec_/);
    await page.getByRole("button", { name: `More about ${address}` }).click();
    await page.getByRole("menuitem", { name: "Send a test" }).click();
    await page.getByText("webhook.test").waitFor();
    await page.getByText("Arrived").waitFor();
    assert.equal(arrived[0].body.type, "webhook.test");
    assert.match(arrived[0].signature, /^v1,/);
    await isAccessible(page, "webhooks on a phone");

    // It is told of what it asked for; a failure is seen, and sent again.
    status = 500;
    const { data } = await (
      await fetch(`${here.url}/api/v1/users/login`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ username: "asha", password: "correct horse battery 9" }),
      })
    ).json();
    await fetch(`${here.url}/api/v1/tweets`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${data.accessToken}` },
      body: JSON.stringify({ content: "Hello" }),
    });
    await until("the tweet was told of", () => arrived.some((one) => one.body.type === "tweet.created"));
    await page.reload();
    await page.getByText("nothing arrives at the moment").waitFor();
    await page.getByText("What was sent").click();
    await page.getByText("answered 500").waitFor();

    await page.getByRole("switch", { name: `Send to ${address}` }).press("Space");
    await page.getByText("Off ·").waitFor();
    await page.getByRole("button", { name: `More about ${address}` }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("alert").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "No webhooks" }).waitFor();
    isContent(page);
    await page.context().close();
  });
});
