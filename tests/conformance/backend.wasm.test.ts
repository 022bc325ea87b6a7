// The wasm backend passes the suite, with the kernels that sluice adds and corrects.
import { describeBackend } from './backend.suite.ts'

await describeBackend('wasm')
