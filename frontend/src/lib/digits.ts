/** The digits of what people type: Japanese keyboards may write them full width, and spaces are common. */
export function digits(text: string): string {
  return text.normalize('NFKC').replace(/\D/g, '')
}
