#!/usr/bin/env bash
# The README names nothing that does not exist: paths between backticks or in links, and subcommands of aetval.
#   readme.sh SOURCE_FOLDER
set -euo pipefail
cd "${1:?source folder}"

bad=0
complain() { echo "README.md: $1"; bad=1; }

# A path is a word with a folder of ours in front, or a link's target; a star or NAME stands for several files.
folders='\.ci|\.cmake|\.github|analysis|inputs|recon|sim|tests|validation'
while read -r path; do
  compgen -G "${path//NAME/*}" >/dev/null || complain "there is no '$path'"
done < <({ grep -oE '`[^`]+`' README.md | tr -d '`' | tr ' ' '\n' | grep -oE "^($folders)/[A-Za-z0-9_.*/-]+" || true
  grep -oE '\]\([^)#]+' README.md | cut -c3- | grep -v '^https\?:' || true
  sed -n '/^```/,/^```/p' README.md | tr ' ' '\n' | grep -oE "^($folders)/[A-Za-z0-9_.*/-]+" || true; } | sort -u)

# Subcommands are declared as add_subcommand("name", ...).
declared=$(cat validation/cli/*.cpp | tr '\n' ' ' | grep -oE 'add_subcommand\( *"[a-z-]+"' | sed -E 's/.*"([a-z-]+)"/\1/' | sort -u)
[ -n "$declared" ] || complain "no subcommand was found in validation/cli; this check no longer works"
while read -r command; do
  grep -qx -- "$command" <<<"$declared" || complain "there is no subcommand 'aetval $command'"
done < <({ grep -oE '`(build/bin/)?aetval [a-z][a-z-]*' README.md; grep -oE '^aetval [a-z][a-z-]*' README.md; } | awk '{print $2}' | sort -u)
exit $bad
