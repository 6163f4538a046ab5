"""Texts, places in them, and where they are read from. Knows nothing of the language."""

from clickup_lang.source.file_system import DiskFileSystem, FileSystem, MemoryFileSystem
from clickup_lang.source.text import SourceText, Span

__all__ = ["DiskFileSystem", "FileSystem", "MemoryFileSystem", "SourceText", "Span"]
