"""Text -> tree, with recovery. The only room with lark, which it needs only to prepare its table."""

from clickup_lang.syntax.parse import Parsed, parse

__all__ = ["Parsed", "parse"]
