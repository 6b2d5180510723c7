// Makes the icons of the installed app from the logo, as pictures: node scripts/icons.mjs. They are committed, as they
// change only with the logo. A maskable one fills its square, with the logo inside the circle that every system keeps.
import { readFile, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const icons = new URL("../public/", import.meta.url);
const logo = await readFile(new URL("icon.svg", icons), "utf8");
const full = logo.replace(' rx="18"', "").replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80"');
const maskable = full.replace('<rect width="64" height="64"', '<rect x="-8" y="-8" width="80" height="80"');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
for (const [name, size, svg] of [
  ["icon-192.png", 192, logo],
  ["icon-512.png", 512, logo],
  ["icon-maskable-512.png", 512, maskable],
]) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  );
  await writeFile(new URL(name, icons), await page.screenshot({ omitBackground: true }));
}
await browser.close();
