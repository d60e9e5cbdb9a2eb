#!/usr/bin/env bash
# Every C++ file is formatted as .clang-format says.
set -euo pipefail
cd "${1:?source folder}"
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
find sim recon analysis validation tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 clang-format --dry-run --Werror
