"""Types of ``client.api``, for editors and type checkers: only the stubs beside this file.

Import an answer's type under ``if TYPE_CHECKING:``; what runs is in ``sanfang.client.surface``.
"""

raise ImportError(
    "sanfang.client.api 只有类型：请在 if TYPE_CHECKING: 之下导入"
    " / sanfang.client.api holds types only: import them under `if TYPE_CHECKING:`"
)
