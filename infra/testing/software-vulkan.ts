// A GPU played by the processor, for tests: SwiftShader, which Chromium and Chrome bring along.
import { existsSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'

const BROWSER_FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome']
const DRIVER = 'vk_swiftshader_icd.json'
const LOADER = 'libvulkan.so.1'

/** Where Linux distributions describe the Vulkan drivers that are installed. */
const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']

/**
 * Variables with which a child process finds SwiftShader; none where a Vulkan driver is installed or no browser is.
 * `folder` receives a link to the browser's Vulkan loader, alone: its other libraries are nobody's business.
 */
export async function softwareVulkan(folder: string): Promise<Record<string, string>> {
  if (process.platform !== 'linux' || DRIVER_FOLDERS.some((each) => existsSync(each))) return {}
  const browser = BROWSER_FOLDERS.find((each) => existsSync(path.join(each, DRIVER)))
  if (browser === undefined) return {}
  await mkdir(folder, { recursive: true })
  const link = path.join(folder, LOADER)
  await rm(link, { force: true })
  await symlink(path.join(browser, LOADER), link).catch((error: unknown) => {
    if (!existsSync(link)) throw error // another run made it meanwhile
  })
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(path.delimiter)
  return { VK_ICD_FILENAMES: path.join(browser, DRIVER), LD_LIBRARY_PATH: libraries }
}
