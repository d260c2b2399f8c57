/** Which of many alike are told: those whose number is 1, 2, 4, 8 …, so that no storm of them fills a log. */
export const isSampled = (count: number): boolean => Number.isInteger(Math.log2(count))
