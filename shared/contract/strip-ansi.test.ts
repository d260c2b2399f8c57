import { expect, test } from 'vitest'
import { startCpuTime } from '../../test/support/cpu-time.ts'
import { stripAnsi } from './strip-ansi.ts'

test.for([
  ['a colour', '\u001b[32mok\u001b[0m \u001b[1;31mfail\u001b[m', 'ok fail'],
  ['256 and true colours', '\u001b[38;5;200ma\u001b[48:2::1:2:3mb\u001b[0m', 'ab'],
  ['a line that is written again', '\u001b[2K\r50%', '\r50%'],
  ['cursor moves', '\u001b[?25l\u001b[10;20H\u001b[A\u001b[2Jx\u001b[?25h', 'x'],
  ['private parameters and intermediates', '\u001b[>4;1m\u001b[!p\u001b[2 q\u001b[?1049hx\u001b[200~', 'x'],
  ['a link that BEL ends', '\u001b]8;;https://example.org\u0007link\u001b]8;;\u0007', 'link'],
  ['a link that ST ends', '\u001b]8;id=1;https://example.org/(a)?b=[c]+!\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['a link that ST in one character ends', '\u001b]8;;https://example.org\u009clink\u001b]8;;\u009c', 'link'],
  ['a title with spaces and other scripts', '\u001b]0;größer 羊 now\u0007x', 'x'],
  [
    'DCS, APC, PM and SOS',
    '\u001bP1$r0m\u001b\\a\u001b_Gf=100;AAAA\u001b\\b\u001b^pm\u001b\\c\u001bXsos\u001b\\d',
    'abcd',
  ],
  ['character sets, modes, reset', '\u001b(B\u001b)0\u001b#8\u001b7\u001b8\u001b=\u001b>\u001bc\u001bMx', 'x'],
  [
    'one character for CSI and OSC',
    '\u009b32mok\u009b0m \u009d8;;https://example.org\u009clink\u009d8;;\u009c',
    'ok link',
  ],
  ['one that was cut', 'a\u001b[38;5', 'a'],
  ['a link that was cut, up to its line', 'a\u001b]8;;https://exa\nb\u001b]8;;https://exa\u001b[0mc', 'a\nbc'],
  ['ESC alone', 'a\u001b', 'a'],
  ['ESC before a character of no command', '\u001bé\u001b\n', 'é\n'],
] as const)('stripAnsi() removes %s', ([, text, plain]) => {
  expect(stripAnsi(text)).toBe(plain)
})

test.for(['[32mok[0m', 'a [1] b ]8;; c', 'größer 羊🐑\n\t', 'â\u0080\u0099 \u009b \u009d', '', '\b\u0007'])(
  'stripAnsi() leaves %j as it is',
  text => expect(stripAnsi(text)).toBe(text),
)

test.for(['\u001b]', '\u001b]8;;x', '\u001b[', '\u001b[0;', '\u009d0;', '\u009d', '\u009b0', '\u001bP', '\u001b  '])(
  'stripAnsi() is quick with %j many times',
  piece => {
    const text = piece.repeat(300_000)
    const cpuMs = startCpuTime()
    stripAnsi(text)
    expect(cpuMs()).toBeLessThan(2_000)
  },
)
