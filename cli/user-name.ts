// Who works here, for the record.
import { userInfo } from 'node:os'

/** The account's name; not every account has one, e.g. in a container. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}
