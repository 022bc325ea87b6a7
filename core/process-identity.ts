// Which process a pid means: a pid counts only together with the moment its process was born.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** differs between two processes that had the same pid, reboots included; opaque otherwise */
  readonly born: string
}

/** The identity of a running process; undefined when there is none, or only its unreaped remains. */
export function identify(pid: number): ProcessIdentity | undefined {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornElsewhere(pid)
  return born === undefined ? undefined : { pid, born }
}

/** True while exactly this process runs: another one that was given its pid later is not it. */
export function isSame(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.born === identity.born
}

/** True while any process with this pid runs. */
export function isAlive(pid: number): boolean {
  return identify(pid) !== undefined
}

/** Resident memory in bytes; undefined when the process is gone. */
export function residentBytes(pid: number): number | undefined {
  try {
    if (process.platform === 'linux') {
      const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
      return found ? Number(found[1]) * 1024 : undefined
    }
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024
  } catch {
    return undefined
  }
}

function bornOnLinux(pid: number): string | undefined {
  try {
    // the name in field 2 may hold spaces and brackets, so count from its closing one: state is field 3, start time 22
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
    // a killed process stays visible as a zombie until its parent looks: it is dead
    if (fields[0] === 'Z' || fields[0] === 'X' || fields[19] === undefined) return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
    return `${boot}/${fields[19]}`
  } catch {
    return undefined
  }
}

function bornElsewhere(pid: number): string | undefined {
  try {
    const [state, ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
    return state === undefined || state.startsWith('Z') ? undefined : started.join(' ')
  } catch {
    return undefined
  }
}
