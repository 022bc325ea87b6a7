// Which stage an activity belongs to, for people.
import type { Activities } from '../../activities/index.ts'
import type { StageName } from '../../schemas/run.ts'

const STAGE_OF = {
  planIngest: 'ingest',
  countNewRows: 'ingest',
  ingestRanges: 'ingest',
  commitIngest: 'ingest',
  acceptLoss: 'ingest',
  cleanSnapshot: 'clean',
  trainModel: 'train',
  evaluateCandidate: 'evaluate',
  readStanding: 'evaluate',
  readDataset: 'evaluate',
  summarise: 'promote',
  propose: 'promote',
  putQuestion: 'promote',
  recordDecision: 'promote',
  remind: 'promote',
  requestRetrain: 'ingest',
  showRollbacks: 'promote',
  planRollback: 'promote',
  checkModel: 'promote',
  recordRollback: 'promote',
} as const satisfies Record<keyof Activities, StageName>

/** The activity's own name where it is none of ours. */
export function stageOf(activity: string | null | undefined): string {
  return STAGE_OF[activity as keyof Activities] ?? activity ?? 'unknown'
}
