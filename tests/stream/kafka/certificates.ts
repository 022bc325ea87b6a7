// Certificates for tests, made by openssl in a folder of the test.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** `<name>.pem` and `<name>.key`: signs itself. */
export function makeAuthority(folder: string, name: string): void {
  const subject = ['-subj', `/CN=sluice test ${name}`]
  openssl(folder, 'req', '-x509', ...NEW_KEY, '-days', '2', ...subject, '-keyout', `${name}.key`, '-out', `${name}.pem`)
}

/** `<name>.pem` and `<name>.key`: signed by the authority "ca" for 127.0.0.1, as server and as client. */
export function makeCertificate(folder: string, name: string): void {
  const request = ['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`]
  openssl(folder, 'req', ...NEW_KEY, ...request)
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signedBy = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
  openssl(folder, 'x509', '-req', '-in', `${name}.csr`, ...signedBy, '-out', `${name}.pem`)
}
