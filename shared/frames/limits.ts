/** Bounds of one frame, and with it of the memory that a peer can make a scanner hold. */
export interface FrameLimits {
  /** Header lines in one frame, repeats included. */
  readonly maxHeaders: number
  /** Bytes from the command to the blank line, line ends included. */
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
}

/** For a peer that is logged in: 128 headers, 64 KiB of them, 4 MiB of body. */
export const defaultFrameLimits: FrameLimits = { maxHeaders: 128, maxHeaderBytes: 65_536, maxBodyBytes: 4_194_304 }

/** For a peer that has yet to say who it is: 32 headers, 16 KiB of them (a token fits), no body but some line breaks. */
export const connectFrameLimits: FrameLimits = { maxHeaders: 32, maxHeaderBytes: 16_384, maxBodyBytes: 64 }
