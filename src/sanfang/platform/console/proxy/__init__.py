"""The reverse proxy: each micro-app on a host of its own, with the bridge in its pages (jsapi.md §8.2).

What is decided is decided without I/O, in modules of plain functions: `forward` (headers to the app),
`backward` (headers to the browser), `cookies`, `policies` (Content-Security-Policy), `insertion`
(where in a page a script goes), `codings`. `exchange` and `sockets` then move the bytes, through
`upstream`, which connects to permitted addresses only.
"""
