export { type MasterHolder, masterContext } from './context.ts'
export {
  DroverDispatchEvent,
  DroverDispatchedEvent,
  DroverMasterEvent,
  DroverOutcomeEvent,
  DroverSelectEvent,
} from './events.ts'
export { DroverMaster } from './master/master.ts'
