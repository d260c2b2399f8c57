/** The page at `/`: the widgets, laid out as an app. */
import '../define-users.ts'
import { defineOnce } from '../define-once.ts'
import { DroverApp } from './app.ts'
import { DroverNoWorker } from './no-worker.ts'
import { DroverSignIn } from './sign-in.ts'
import { DroverSignOut } from './sign-out.ts'
import { DroverStanding } from './standing.ts'
import { DroverWorkerPage } from './worker-page.ts'

defineOnce('drover-sign-in', DroverSignIn)
defineOnce('drover-sign-out', DroverSignOut)
defineOnce('drover-standing', DroverStanding)
defineOnce('drover-no-worker', DroverNoWorker)
defineOnce('drover-worker-page', DroverWorkerPage)
defineOnce('drover-app', DroverApp)
