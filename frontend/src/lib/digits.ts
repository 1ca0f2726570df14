/** The digits of what people type: Japanese keyboards may write them full width, and spaces are common. */
export function digits(text: string): string {
  return text.normalize('NFKC').replace(/\D/g, '')
}

/** The whole numbers in what people type, each once: “8443, 8080”. */
export function portNumbers(text: string): number[] {
  return [...new Set((text.normalize('NFKC').match(/\d+/g) ?? []).map(Number))]
}
