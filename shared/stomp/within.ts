/** Calls `token`, for at most `timeoutMs`. */
export async function within(timeoutMs: number, token: () => string | Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no token within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([token(), late])
  } finally {
    clearTimeout(timer)
  }
}
