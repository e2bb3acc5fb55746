"""What every API looks like, as data: addresses, tokens, parameters.

The data are written by ``tools/build_catalog.py``; `load` reads them once, at first use.
"""

from __future__ import annotations

from sanfang.catalog.endpoints import Catalog, Endpoint, Param, load

__all__ = ["Catalog", "Endpoint", "Param", "load"]
