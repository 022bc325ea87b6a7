// What the name of a field says of its use: an id, a row's number, what is to be predicted.

const ID =
  /^(id|uuid|guid|key)$|(Id|ID|_id|-id|uuid)$|^(order|user|event|row|customer|client|session|transaction|record)id$/
/** What tables call the column that counts their rows; a first column without a name is "column 1". */
const ROW_NUMBER = /^(column ?1|unnamed: ?0|index|idx|nr|no|#|row([ _]?(names?|number|nr|no))?)$/i

/** Says which event or person, and measures nothing. */
export const isIdName = (name: string): boolean => ID.test(name)

export const isRowNumberName = (name: string): boolean => ROW_NUMBER.test(name)

/** words that are the last of a label's name, most telling first; then flags that only may be one */
const LABELS = [
  /^(label|target|class|y|outcome|expected)$/,
  /^(species|category|quality|rating|price|income|fraud|spam|sentiment|progression|diagnosis|malignant|churn|click|return|default)$/,
  /^(churned|clicked|returned|defaulted|survived|cancelled|canceled|converted|purchased|bought|approved|exited)$/,
]
const FLAG = /^(is|has|was|will)[A-Z_]/

/** Whether a name is that of a label, as tests in the order of how much they say. */
export const labelTests: readonly ((name: string) => boolean)[] = [
  (name) => LABELS[0]!.test(name.toLowerCase()),
  ...LABELS.map((words) => (name: string) => words.test(lastWord(name))),
  (name) => FLAG.test(name),
]

/** "salePrice", "sale_price" → price; "workclass" is a word of its own */
function lastWord(name: string): string {
  return (name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).findLast((word) => word !== '') ?? '').toLowerCase()
}
