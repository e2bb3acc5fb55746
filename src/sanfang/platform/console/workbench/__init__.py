"""The workbench: the page in which a member signs in, reads messages and opens micro-apps, with its API.

    app       the ASGI application: routes, headers, errors
    asking    what a request is allowed to be: session, origin, JSON
    pages     the page itself and its files
    people, frames_api, invoke, talk, media_api, contacts_api, live    the API
    methods   what abilities (``dd....``) do on the server

Its front-end is in ``console/static/workbench`` and ``console/static/abilities``.
"""
