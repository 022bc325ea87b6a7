// The README.md beside an exported model: what it takes, what it answers, how to call it.

import type { Transform } from '../../schemas/dataset.ts'
import { shortDigest } from '../../schemas/ids.ts'
import type { ModelCard } from '../../schemas/model.ts'
import type { PredictSpec } from '../../schemas/plan.ts'
import type { ExportFormat } from './export-model.ts'

export interface DescribeExport {
  readonly card: ModelCard
  readonly digest: string
  readonly format: ExportFormat
  /** rows of a call; null: any number */
  readonly rows: number | null
  readonly transform: Transform
}

export function describeExport({ card, digest, format, rows, transform }: DescribeExport): string {
  const { inputs, outputs } = card.architecture
  const names = transform.features.map(({ column }) => column)
  const count = rows === null ? 'any number of rows' : `${rows} row${rows === 1 ? '' : 's'} a call`
  return `# ${card.pipeline}, model ${shortDigest(digest)}

Input \`inputs\`: float32 [rows, ${inputs}], ${count}. Output \`outputs\`: float32 [rows, ${outputs}]: ${answersOf(card.predict)}.
The inputs are what \`transform.json\` makes of a row with the fields ${names.join(', ')}.

| file | what |
|---|---|
${FILES[format]}
| \`transform.json\`, \`columns.json\` | the fitted transform, and the fields that a row may have |
| \`golden.json\` | raw rows, their inputs and the model's answers right after training, to check a set-up with |
| \`model-card.json\` | data, recipe, code and seed that the model came from |

${CALLS[format]}`
}

function answersOf(predict: PredictSpec): string {
  switch (predict.task) {
    case 'category':
      return `probabilities of ${predict.classes.join(', ')}`
    case 'probability':
      return `the probability that ${predict.column} is true`
    case 'number':
      return `${predict.column}, in the unit of the column`
    case 'next':
      return `the probability of every token id to follow the row's last one (0 is padding)`
  }
}

const FILES: Readonly<Record<ExportFormat, string>> = {
  'saved-model': '| `saved_model.pb` | TensorFlow SavedModel, tag `serve`, signature `serving_default` |',
  tfjs: '| `model.json`, `weights.bin` | tfjs graph model |\n| `transform.js` | the code of the transform, for browsers and Node |',
}

const CALLS: Readonly<Record<ExportFormat, string>> = {
  'saved-model': `\`\`\`python
import json, tensorflow as tf
answer = tf.saved_model.load('.').signatures['serving_default']
golden = json.load(open('golden.json'))
print(answer(inputs=tf.constant(golden['inputs'], tf.float32))['outputs'])
\`\`\`

How each feature of \`transform.json\` is computed, in float64 and rounded to float32 once at the end: \`affine\` is
(clip(log1p(x), low, high) − offset) × factor, the logarithm only where \`log\` is true, \`fill\` (which is in units after the logarithm)
for a missing x; \`oneHot\` is 1 at the value's place in \`values\`, the last place for any other value where \`other\` is true;
\`elements\` is (x − offset) × factor of every element; \`indicator\` is 0 or 1; \`tokens\` is 0 for padding, 1 for what is
unknown, and 2 + the place in \`vocabulary\`. \`transform.js\` of a tfjs export does all of it.
`,
  tfjs: `A page that answers raw rows, beside these files and \`tf.min.js\` of the package \`@tensorflow/tfjs\` (folder \`dist\`). With a bundler, import tfjs instead.

\`\`\`html
<!doctype html>
<script src="tf.min.js"></script>
<script type="module">
  import { compileTransform, parseRow } from './transform.js'

  const json = async (name) => (await fetch(name)).json()
  const [model, transform, columns] = await Promise.all([
    tf.loadGraphModel('./model.json'), // without ./ tfjs 4.22 looks for the weights at the root of the site
    json('transform.json'),
    json('columns.json'),
  ])
  const { applyRow, width } = compileTransform(transform)

  window.predict = async (rows) => {
    const inputs = rows.map((row) => [...applyRow(parseRow(columns, transform, row))])
    const outputs = tf.tidy(() => model.predict(tf.tensor2d(inputs, [rows.length, width])))
    const answers = await outputs.array()
    outputs.dispose()
    return answers // [rows][answers]: probabilities or values
  }
</script>
\`\`\`
`,
}
