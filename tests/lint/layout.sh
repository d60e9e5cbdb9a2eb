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
files | grep -E '\.(cpp|hpp)$' | xargs wc -l | awk '$2 != "total" && $1 > 500 {
  print $2 " has " $1 " lines; a file has one subject and at most 500 lines"; bad = 1 } END { exit bad }' || bad=1
while read -r file; do
  folder=${file%/*}
  for list in "$folder/CMakeLists.txt" "${folder%/*}/CMakeLists.txt"; do
    [ -f "$list" ] && [[ $(<"$list") == *"${file##*/}"* ]] && continue 2
  done
  echo "$file is in no source list"
  bad=1
done < <(files | grep -E '^(sim|recon|analysis|validation)/.*\.cpp$')
exit $bad
