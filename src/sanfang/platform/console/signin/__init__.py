"""The sign-in pages: OAuth2, QR codes, admin backends; and the persona switcher of the sandbox.

``app.signin_app`` is the application, ``addresses.is_ours`` tells its paths. Nothing is imported here,
so that asking for the paths does not load the pages.
"""
