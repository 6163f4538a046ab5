#!/bin/sh
# Builds the yardstick and runs it: run.sh [FLOWS...] (1000 100000 1000000 otherwise). A table on standard error, JSON lines on standard output.
set -e
here=$(cd "$(dirname "$0")" && pwd)
runtime=$here/../../runtime_c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for part in table table_age arena arena_layout; do
    ${CC:-gcc} -std=c11 -O2 -I"$runtime/include" -c "$runtime/src/$part.c" -o "$work/$part.o"
done
${CXX:-g++} -std=c++11 -O2 -I"$runtime/include" "$here/bare.cc" "$work"/*.o -o "$work/bare"
for flows in ${@:-1000 100000 1000000}; do
    "$work/bare" "$flows" "${PASSES:-31}"
done
