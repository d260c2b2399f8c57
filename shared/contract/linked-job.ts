/** The one job that a link to it is for. Its token says so. */
export interface LinkedJob {
  readonly task: string
  readonly request_id: string
}
