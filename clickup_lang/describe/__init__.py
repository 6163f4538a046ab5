"""Trees and model -> pages about a program or a module of the library."""
