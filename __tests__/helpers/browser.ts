import { chromium, type Browser, type Page } from 'playwright-core'

/** Chromium of this machine, without a sandbox of its own: a container's root may have none. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** What a page did that a report must not do. */
export interface Watched {
  readonly page: Page
  readonly complaints: string[]
  /** Addresses asked for, that of the page itself left out. */
  readonly requests: string[]
}

/** Opens a file and notes every error on its console and every request that it makes. */
export async function openFile(
  browser: Browser,
  path: string,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Watched> {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 800 } })
  const own = `file://${path}`
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (request.url() !== own) requests.push(request.url())
  })
  await page.goto(own)
  return { page, complaints, requests }
}
