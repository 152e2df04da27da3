// node tasks.mjs ADDRESS FOLDER: does the main task of each page over the usage of BrowserTest, from the start page, in three clicks at most.
import { mkdirSync } from 'node:fs';
import { look, open, signIn } from './session.mjs';

const MOST_CLICKS = 3;
const [address, folder] = process.argv.slice(2);
const problems = [];
mkdirSync(folder, { recursive: true });
const { browser, page } = await open(address, problems);

const nav = (name) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true });
const link = (name) => page.getByRole('main').getByRole('link', { name, exact: true }).first();

/** Each names the page, how to reach the answer, and the words that answer. */
const tasks = [
  { name: 'finance', ask: 'What did last month come to?', clicks: [() => link('Month before')], answers: ['32.00005', 'buyer-a'] },
  { name: 'finance-beside', ask: 'And beside the month before?', fill: { 'Beside month': '2026-01' }, clicks: [() => page.getByRole('button', { name: 'Show' }).last()], answers: ['Metered in 2026-01'] },
  { name: 'not-billed', ask: 'Which usage of last month is not billed, and why?', clicks: [() => nav('Not billed')], answers: ['after-release', 'bill-withheld b 2026-01-01T02:00:00Z'] },
  { name: 'bill', ask: 'Why is this bill higher than last month?', clicks: [() => link('buyer-a')], answers: ['That is 12 more', 'Used in the hour'] },
  { name: 'bills', ask: 'Where do I ask about a buyer?', clicks: [() => nav('Bills')], answers: ['Name a buyer'] },
  { name: 'statement', ask: 'Does the equation of an instance hold?', clicks: [() => link('a')], answers: ['The equation holds.', 'reported'] },
  { name: 'record', ask: 'Where does this record come from?', clicks: [() => link('a'), () => page.locator('a[href^="/record"]').first()], answers: ['1000', '1006'] },
  { name: 'changes', ask: 'What changed?', clicks: [() => nav('Changes')], answers: ['What changed in'] },
  { name: 'instances', ask: 'Which instances are there?', clicks: [() => nav('Instances')], answers: ['buyer-b'] },
  { name: 'instance', ask: 'How does an instance live?', clicks: [() => nav('Instances'), () => link('b')], answers: ['released', 'What waits for a person'] },
  { name: 'tonight', ask: 'Will every hour be in time?', clicks: [() => nav('Tonight')], answers: ['At risk', 'the key was refused', 'MKT.9001'] },
];

try {
  await page.goto(`${address}/sign-in`);
  await look(page, 'sign-in', folder, problems);
  await signIn(page, address, process.env.CONSOLE_TOKEN);
  for (const { name, ask, fill = {}, clicks, answers } of tasks) {
    await page.goto(`${address}/`);
    if (clicks.length > MOST_CLICKS) {
      problems.push(`${name}: ${clicks.length} clicks from the start page`);
    }
    try {
      for (const [label, value] of Object.entries(fill)) {
        await page.getByLabel(label).fill(value);
      }
      for (const click of clicks) {
        await click().click();
      }
      const text = (await page.locator('main').innerText()).replace(/\s+/g, ' ');
      answers.filter((answer) => !text.includes(answer)).forEach((answer) => problems.push(`${name}: "${ask}" is not answered by "${answer}" in: ${text.slice(0, 400)}`));
    } catch (error) {
      problems.push(`${name}: "${ask}": ${error.message}`);
    }
    await look(page, name, folder, problems);
  }
  // the keyboard alone: the first stop leads past the navigation
  await page.goto(`${address}/`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  if ((await page.evaluate(() => document.activeElement?.id)) !== 'content') {
    problems.push('the first stop of the keyboard does not lead to the content');
  }
} finally {
  await browser.close();
}
problems.forEach((problem) => console.log(problem));
process.exitCode = problems.length === 0 ? 0 : 1;
