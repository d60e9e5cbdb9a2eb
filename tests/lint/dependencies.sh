#!/usr/bin/env bash
# Who may include whom: core <- {sim, recon, analysis} <- validation, and the firewall: recovery (recon)
# sees tilt series, never the truth that sim makes. The three siblings never include each other.
set -euo pipefail
cd "${1:?source folder}"

allowed_for() { # FILE; sets `allowed`
  local folder=${1%/*} rest=${1#*/}
  case "$1" in
  sim/core/*) allowed=(sim/core/) ;;
  sim/*) allowed=(sim/core/ "$folder/" "sim/${rest%%/*}/") ;;
  recon/*) allowed=(sim/core/ recon/) ;;
  analysis/*) allowed=(sim/core/ analysis/) ;;
  validation/*) allowed=(sim/ recon/ analysis/ validation/) ;;
  esac
}

bad=0
while IFS=: read -r file line text; do
  target=${text#*\"}
  target=${target%%\"*}
  allowed_for "$file"
  ok=0
  for prefix in "${allowed[@]}"; do
    [[ $target == "$prefix"* ]] && ok=1
  done
  if [ $ok -eq 0 ]; then
    echo "$file:$line: includes \"$target\"; allowed here: ${allowed[*]}"
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
