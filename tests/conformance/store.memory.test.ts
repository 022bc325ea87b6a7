// The store's twin in memory passes the suite.
import { memoryStore } from '../../lake/store/memory.ts'
import { describeStore } from './store.suite.ts'

const store = memoryStore()
describeStore('the twin', () => store)
