// The webgpu backend passes the suite.
import { describeBackend } from './backend.suite.ts'

await describeBackend('webgpu')
