"""What a problem is: code, message, places, help, fix. Rendering is in `render`, the pages of `cupc explain` in `explain`."""

from clickup_lang.diagnostics.problem import Edit, Fix, Label, Problem, Severity

__all__ = ["Edit", "Fix", "Label", "Problem", "Severity"]
