#!/usr/bin/env bash
# clang-tidy over all sources of the project (minutes; run by hand: ctest -L validation -R tidy).
set -euo pipefail
cd "${1:?source folder}"
build=${2:?build folder}
command -v run-clang-tidy-14 >/dev/null || { echo "skipped: clang-tidy is not installed"; exit 77; }
# It reads files one by one, and knows no precompiled headers of GCC.
cmake -S . -B "$build/tidy" -G Ninja -DBUILD_TESTING=OFF -DAETVAL_UNITY=OFF -DAETVAL_PRECOMPILE=OFF >/dev/null
run-clang-tidy-14 -quiet -extra-arg=-Wno-unknown-warning-option -p "$build/tidy" -j "$(nproc)" "^$PWD/(sim|recon|analysis|validation)/.*\.cpp$" 2>/dev/null |
  tee "$build/tidy.log" | grep -E 'warning:|error:' && exit 1
grep -q . "$build/tidy.log" && echo "clean"
