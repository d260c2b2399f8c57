/** The example tasks, for `drover worker examples/tasks/mod.ts`. */
import folderChecksum from './folder-checksum.ts'
import hostFacts from './host-facts.ts'
import imageThumbnail from './image-thumbnail.ts'
import logSearch from './log-search.ts'

export const tasks = [hostFacts, logSearch, imageThumbnail, folderChecksum]
