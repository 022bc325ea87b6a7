// The same passages as textgen: both pipelines read one topic.
export { events } from '../textgen/events.ts'
