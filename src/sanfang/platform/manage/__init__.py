"""The management API under ``/sanfang/api/``: what an administrator or a test does to the platform.

``operations.OPERATIONS`` is the one description. The routes (``app``), the OpenAPI document
(``document``) and the command line (``sanfang.cli``) are made from it, so nothing can be offered
without being described. Inputs are in ``forms``, outputs in ``views``; the functions, one module
per noun, turn a form into calls of the domain.
"""
