"""``python -m sanfang.cli`` is ``sanfang``."""

from sanfang.cli import main

main()
