// Where wheels and jars come from: what the user's own tools are set to, else the public registries.
import { basic } from './http.ts'
import { mavenMirror } from './maven-settings.ts'
import { netrcHeaders } from './netrc.ts'
import { pipSettings } from './pip-settings.ts'
import { PUBLIC_MAVEN_REPOSITORY, PUBLIC_PACKAGE_INDEX } from './public-registries.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Registry {
  /** ends with a slash; may hold a user and a password */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** In the order in which they are asked. */
export function packageIndexes(env: Environment = process.env): Registry[] {
  const { index = PUBLIC_PACKAGE_INDEX, extra } = pipSettings(env)
  return [index, ...extra].map((url) => ({ url: withSlash(url), headers: netrcHeaders(url, env) }))
}

export function mavenRepository(env: Environment = process.env): Registry {
  const { url, user } = mavenMirror(env) ?? { url: PUBLIC_MAVEN_REPOSITORY }
  const headers = user === undefined ? netrcHeaders(url, env) : { authorization: basic(user.name, user.password) }
  return { url: withSlash(url), headers }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
