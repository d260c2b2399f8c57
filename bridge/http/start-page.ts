/** The page at the bridge's address tells a person about the bridge, and the command to run next. No script, no form. */
import { html } from 'hono/html'

export const startPageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export const startPageCss = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
code { font-family: ui-monospace, monospace }
pre { overflow-x: auto; padding: 0.75rem 1rem; border: 1px solid; border-radius: 0.5rem }
`

export const startPage: ReturnType<typeof html> = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Drover bridge</title>
<link rel="stylesheet" href="start-page.css">
</head>
<body>
<main>
<h1>This is a Drover bridge, and it is running</h1>
<p>It lets web pages and workers use a message broker: pages dispatch jobs, workers run them, replies come back.
Programs connect by WebSocket to <code>/stomp</code>; this page itself does nothing.</p>
<h2>Try it</h2>
<p>One job to one worker, from a terminal in the project's folder:</p>
<pre><code>npx drover dispatch folder.checksum --input '{"path":"."}'</code></pre>
<p>One job to every worker:</p>
<pre><code>npx drover dispatch host.facts --broadcast</code></pre>
<p>A token for a program, with your password:</p>
<pre><code>curl -u LOGIN -X POST ADDRESS/token</code></pre>
<p><a href="health">Is it well?</a></p>
</main>
</body>
</html>
`
