"""Trees, models and graphs -> pictures: SVG, HTML, DOT, Mermaid, text."""
