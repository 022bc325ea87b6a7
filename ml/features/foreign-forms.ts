// The forms in which requests of other model servers hold their rows: a client of one is told what to send here.

/** The key around the rows → who takes it. */
const FORMS: Readonly<Record<string, string>> = {
  instances: 'TensorFlow Serving, KServe v1 and Vertex AI take',
  signature_name: 'TensorFlow Serving takes',
  inputs: 'KServe v2, Triton, TensorFlow Serving and MLflow take',
  dataframe_split: 'MLflow takes',
  dataframe_records: 'MLflow takes',
  columns: 'MLflow 1 and pandas take',
  data: 'Seldon Core and Azure ML take',
  ndarray: 'Seldon Core takes',
  jsonData: 'Seldon Core takes',
  strData: 'Seldon Core takes',
  binData: 'Seldon Core takes',
  input_data: 'Azure ML and BentoML take',
  Inputs: 'Azure ML takes',
  text_input: "Triton's generate takes",
  rows: '`sluice serve` takes around many rows',
}

/** `"instances", which TensorFlow Serving … take`; undefined: none of the names is one of these. */
export function foreignFormOf(names: readonly string[]): string | undefined {
  const name = names.find((each) => Object.hasOwn(FORMS, each))
  return name === undefined ? undefined : `"${name}", which ${FORMS[name]}`
}
