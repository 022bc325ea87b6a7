// The Temporal UI as a person uses it: open a workflow, send an Update.
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'

export interface Approver {
  /** Opens the workflow's page and reads what it asks, as rendered Markdown. */
  read(workflowId: string): Promise<string>
  /** More Actions → Send an Update → decide, with this input. → the words of a refusal, or null when it was taken. */
  decide(input: unknown): Promise<string | null>
  screenshot(file: string): Promise<void>
  close(): Promise<void>
}

export async function openApprover(options: {
  readonly executablePath: string
  readonly uiUrl: string
  readonly namespace: string
}): Promise<Approver> {
  const { executablePath, uiUrl, namespace } = options
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
    async read(workflowId) {
      await page.goto(`${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`)
      await page.getByRole('tab', { name: 'User Metadata' }).click()
      return readMarkdown(page)
    },
    decide: (input) => sendUpdate(page, input),
    screenshot: async (path) => void (await page.screenshot({ path })),
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
