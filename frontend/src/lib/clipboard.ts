/** Copies text. false: the browser does not let us (plain http, no permission); select the text instead. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false // also when `clipboard` is missing, as on plain http
  }
}

/** Selects an element's text, so that Ctrl+C copies it. */
export function selectText(element: HTMLElement): void {
  const range = document.createRange()
  range.selectNodeContents(element)
  const selection = window.getSelection()
  selection?.removeAllRanges()
  selection?.addRange(range)
}
