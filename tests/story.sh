#!/bin/sh
# Tells the story of examples/data in Rust, C and Python and compares what they print, byte for byte.
# CSAT_PYTHON is a Python with csat installed; gcc and Python are left out, and named, where they are missing.
set -eu
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
python=${CSAT_PYTHON:-python3}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

cargo run --quiet -p csat-core --example story -- examples/data > "$out/rust"

if command -v gcc > /dev/null; then
    cargo build --quiet -p csat-ffi
    gcc -std=c99 -Wall -Wextra -pedantic -Werror -Icsat-ffi/include -o "$out/story" examples/c/story.c \
        "$target/debug/libcsat.a" -lpthread -ldl -lm
    "$out/story" examples/data > "$out/c"
    diff "$out/rust" "$out/c" || { echo "C tells another story than Rust" >&2; exit 1; }
else
    echo "story: C left out, there is no gcc"
fi

if "$python" -c 'import csat.stats' 2> /dev/null; then
    "$python" examples/python/story.py examples/data > "$out/python"
    diff "$out/rust" "$out/python" || { echo "Python tells another story than Rust" >&2; exit 1; }
else
    echo "story: Python left out, csat is not installed in $python"
fi
cat "$out/rust"
