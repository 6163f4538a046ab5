"""What a program's state is: its canonical text and digests, made from the graph."""

from clickup_lang.schema.extract_schema import Schema, extract_schema

__all__ = ["Schema", "extract_schema"]
