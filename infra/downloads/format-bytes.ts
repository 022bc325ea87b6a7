// Sizes of downloads in words.

/** e.g. "3.4 GB", "45 MB", "0.3 MB"; powers of ten, as downloads are measured. */
export function formatBytes(bytes: number): string {
  if (bytes >= 999.5e6) return `${(bytes / 1e9).toFixed(1)} GB`
  return `${bytes > 0 && bytes < 1e6 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`
}
