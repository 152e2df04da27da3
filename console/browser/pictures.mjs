// node pictures.mjs ADDRESS FOLDER PATH…: a picture of each page of a running console, light and dark, and what axe finds. CONSOLE_TOKEN signs in.
import { mkdirSync } from 'node:fs';
import { look, open, signIn } from './session.mjs';

const [address, folder, ...paths] = process.argv.slice(2);
const problems = [];
mkdirSync(folder, { recursive: true });
const { browser, page } = await open(address, problems);
try {
  await page.goto(`${address}/sign-in`);
  await look(page, 'sign-in', folder, problems);
  await signIn(page, address, process.env.CONSOLE_TOKEN);
  for (const path of paths) {
    await page.goto(`${address}${path}`);
    const name = path.replace(/^\//, '').replace(/[^A-Za-z0-9]+/g, '-');
    await look(page, name, folder, problems);
    console.log(`${folder}/${name}-light.png`);
  }
} finally {
  await browser.close();
}
problems.forEach((problem) => console.log(problem));
process.exitCode = problems.length === 0 ? 0 : 1;
