// A signed-in browser, and what is asked of every page in it: no violation of WCAG A or AA, in light and in dark, and a picture of both.
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Opens Debian's chromium. Nothing but the console is loaded, so a request to any other host fails the run. */
export async function open(address, problems) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) {
      problems.push(`${request.url()} is loaded from outside`);
    }
  });
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      problems.push(`${page.url()}: ${message.text()}`);
    }
  });
  return { browser, page };
}

export async function signIn(page, address, token) {
  await page.goto(`${address}/`);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Adds each violation to the problems: the rule, where it is broken, and why. */
export async function look(page, name, folder, problems) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page }).withTags(STANDARDS).setLegacyMode(true).analyze();
    for (const violation of violations) {
      for (const node of violation.nodes.slice(0, 5)) {
        problems.push(`${name} (${colorScheme}): ${violation.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`);
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
