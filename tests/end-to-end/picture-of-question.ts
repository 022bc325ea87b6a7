// node tests/end-to-end/picture-of-question.ts LINK FILE.png: the picture of docs/guides/approve.md, from the page that a link of `sluice status` opens.
import { findChromium } from '../../infra/testing/chromium.ts'
import { openApprover } from './browser.ts'

const [link, file] = process.argv.slice(2)
const executablePath = await findChromium(process.env)
if (link === undefined || file === undefined) throw new Error('expected a link and a file')
if (executablePath === undefined) throw new Error('no Chromium or Chrome on this machine')
const approver = await openApprover({ executablePath })
await approver.read(link)
await approver.picture(file)
await approver.close()
