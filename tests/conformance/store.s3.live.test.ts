// The store on the tests' own S3 server passes the suite.
import path from 'node:path'
import { inject } from 'vitest'
import { TEST_STATE_DIR } from '../../infra/places.ts'
import { chooseS3Server } from '../../infra/servers/s3.ts'
import { describeS3Store } from './store.s3.suite.ts'

const server = chooseS3Server(path.join(TEST_STATE_DIR, 's3'), undefined)

describeS3Store(server, async () => inject('endpoints').s3, { listsBy: server === 's3proxy' ? 'UTF-16' : 'bytes' })
