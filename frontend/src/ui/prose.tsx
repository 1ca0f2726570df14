/** The terms' small subset of Markdown: headings with "## ", items with "- ", paragraphs between empty lines. */
export function Prose({ text }: { text: string }) {
  return text
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter(Boolean)
    .map((block, i) => <Block key={i} lines={block.split('\n')} />)
}

function Block({ lines }: { lines: readonly string[] }) {
  const [first = ''] = lines
  if (first.startsWith('## ')) return <h2 className="mt-6 font-semibold">{first.slice(3)}</h2>
  if (first.startsWith('- ')) {
    return (
      <ul className="mt-2 ml-5 grid list-disc gap-1">
        {lines.map((line) => (
          <li key={line}>{line.replace(/^- /, '')}</li>
        ))}
      </ul>
    )
  }
  return <p className="mt-2">{lines.join(' ')}</p>
}
