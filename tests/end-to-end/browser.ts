// The Temporal UI as a person uses it: open a workflow, send an Update.
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'

export interface Approver {
  /** Opens a link that the command line prints and reads what is asked there, as rendered Markdown. */
  read(link: string): Promise<string>
  /** More Actions → Send an Update → decide, with this input. → the words of a refusal, or null when it was taken. */
  decide(input: unknown): Promise<string | null>
  /** A PNG of the page as it is, without what Temporal puts around it. */
  picture(file: string): Promise<void>
  close(): Promise<void>
}

/** pixels */
const PICTURE = { x: 270, y: 100, width: 1110, height: 880 }

export async function openApprover({ executablePath }: { readonly executablePath: string }): Promise<Approver> {
  const browser: Browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  })
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
  page.setDefaultTimeout(30_000)
  return {
    async read(link) {
      await page.goto(link)
      return readMarkdown(page)
    },
    decide: (input) => sendUpdate(page, input),
    async picture(path) {
      await page.setViewportSize({ width: 1400, height: PICTURE.y + PICTURE.height })
      await page.getByText('Current Details').first().waitFor()
      await page.screenshot({ path, clip: PICTURE })
    },
    close: () => browser.close(),
  }
}

/** The UI renders Markdown in an iframe of its own. */
async function readMarkdown(page: Page): Promise<string> {
  const frame = page.frameLocator('iframe[src*="Waits%20for"]').locator('body')
  return frame.innerText()
}

async function sendUpdate(page: Page, input: unknown): Promise<string | null> {
  const modal = page.locator('[data-testid=update-confirmation-modal]:visible')
  if (!(await modal.isVisible())) {
    await page.getByRole('button', { name: 'More Actions' }).click()
    await page.getByRole('menuitem', { name: 'Send an Update' }).click()
    await modal.getByTestId('update-select-button').click()
    await modal.getByRole('option', { name: /^\s*decide\b/ }).click()
  }
  await modal.getByRole('textbox', { name: 'Data' }).click()
  await page.keyboard.press('ControlOrMeta+A')
  // inserted, not typed: the editor would close brackets by itself; indented, as it would reformat and move the button
  await page.keyboard.insertText(JSON.stringify(input, null, 2))
  await modal.getByTestId('confirm-modal-button').click()
  return Promise.race([modal.waitFor({ state: 'hidden' }).then(() => null), refusalOf(modal)])
}

async function refusalOf(modal: Locator): Promise<string> {
  const words = modal.getByRole('paragraph').filter({ hasText: /candidateDigest|reason|decision/ })
  await words.first().waitFor()
  return (await words.first().innerText()).trim()
}
