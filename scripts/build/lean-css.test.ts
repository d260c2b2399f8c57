import { expect, test } from 'vitest'
import { withLeanCss } from './lean-css.ts'

test('a sheet loses its comments and spaces, and nothing that is said', () => {
  const module = `
    import { css } from 'lit'
    const width = '  12px  ' // css stays what it is elsewhere
    export const styles = css\`
      /* why */
      .row > .cell:dir(rtl)  {
        width: calc(var(--_space) * 2 + 4px);
        content: ' ,  ';
      }
      @container drover-jobs (width < 40em) {
        .row { color: light-dark(#ffffff, #000000) }
      }
    \``
  const lean = withLeanCss(module, 'styles.ts')
  expect(lean).toBe(
    `${module.slice(0, module.indexOf('css`'))}css\`.row>.cell:dir(rtl){width:calc(var(--_space) * 2 + 4px);content:" ,  "}` +
      '@container drover-jobs (width<40em){.row{color:light-dark(#fff,#000)}}`',
  )
})

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a module
test.each(['css`.a { width: ${width}px }`', "css`.a::before { content: '\\\\201c' }`"])('%s stays as it is', module => {
  expect(withLeanCss(module, 'styles.ts')).toBe(module)
})

test('a sheet that cannot be read ends the build, and says where', () => {
  expect(() => withLeanCss('css`.a { color: red; } }`', 'browser/jobs/styles.ts')).toThrow(
    expect.objectContaining({ fileName: 'browser/jobs/styles.ts' }),
  )
})
