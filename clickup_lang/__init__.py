"""cupc: a compiler for `.cup` files. `docs/architecture.md` says what stands where."""
