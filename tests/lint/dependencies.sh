#!/usr/bin/env bash
# Who may include whom: core <- {sim, recon, analysis} <- validation, and the firewall: recovery (recon)
# sees tilt series, never the truth that sim makes. The three siblings never include each other.
set -euo pipefail
cd "${1:?source folder}"

allowed_for() {
  case "$1" in
  sim/core/*) echo "sim/core/" ;;
  sim/*) echo "sim/core/ ${1%/*}/ $(cut -d/ -f1-2 <<<"$1")/" ;;
  recon/*) echo "sim/core/ recon/" ;;
  analysis/*) echo "sim/core/ analysis/" ;;
  validation/*) echo "sim/ recon/ analysis/ validation/" ;;
  esac
}

bad=0
while IFS=: read -r file line text; do
  target=$(sed -E 's/.*"([^"]+)".*/\1/' <<<"$text")
  ok=0
  for prefix in $(allowed_for "$file"); do
    [[ $target == "$prefix"* ]] && ok=1
  done
  if [ $ok -eq 0 ]; then
    echo "$file:$line: includes \"$target\"; allowed here: $(allowed_for "$file")"
    bad=1
  fi
done < <(grep -rnE '^ *# *include *"' --include='*.hpp' --include='*.cpp' sim recon analysis validation)

# The same at link time: a library of recon may not link one of sim (other than core), and so on.
while IFS=: read -r file line text; do
  echo "$file:$line: links across the firewall: $text"
  bad=1
done < <({ grep -rnE 'aet_(md|stem|specimen|analysis)\b' recon --include=CMakeLists.txt
  grep -rnE 'aet_(md|stem|specimen|recon[a-z_]*)\b' analysis --include=CMakeLists.txt
  grep -rnE 'aet_(analysis|recon[a-z_]*)\b' sim --include=CMakeLists.txt; } || true)
exit $bad
