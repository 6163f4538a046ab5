"""Tree and tokens -> text in one style."""

from clickup_lang.format.format_text import Formatted, format_text

__all__ = ["Formatted", "format_text"]
