#!/usr/bin/env bash
# What may stand at the top level, and what may not stand anywhere.
set -euo pipefail
cd "${1:?source folder}"
files() { git ls-files --cached --others --exclude-standard 2>/dev/null || find . -type f -not -path './build*' -printf '%P\n'; }

bad=0
for entry in $(files | cut -d/ -f1 | sort -u); do
  case "$entry" in
  .* | CMakeLists.txt | README.md | LICENSE | analysis | inputs | recon | sim | tests | validation) ;;
  *) echo "'$entry' may not stand at the top level"; bad=1 ;;
  esac
done
while read -r file; do
  lines=$(wc -l <"$file")
  if [ "$lines" -gt 500 ]; then echo "$file has $lines lines; a file has one subject and at most 500 lines"; bad=1; fi
done < <(files | grep -E '\.(cpp|hpp)$')
while read -r file; do
  folder=$(dirname "$file")
  grep -q "$(basename "$file")" "$folder/CMakeLists.txt" "$folder/../CMakeLists.txt" 2>/dev/null ||
    { echo "$file is in no source list"; bad=1; }
done < <(files | grep -E '^(sim|recon|analysis|validation)/.*\.cpp$')
exit $bad
