"""The wire, without I/O: callback encryption, signatures, URL rules, error codes, events.

Import from the modules: `crypto`, `signatures`, `urls`, `errors`, `events`.
"""
