#!/usr/bin/env bash
# From a fresh Debian 12 machine to a report: installs, builds, and runs inputs/quickstart.toml.
#   bash inputs/quickstart.sh [OPTIONS OF aetval run]
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tests_wanted=$(cut -d' ' -f1 "${AETVAL_BUILD_DIR:-$top/build}/.aetval-settings" 2>/dev/null || true)
# Where tests are already configured, keep them configured: switching back and forth would rebuild.
if [ "$tests_wanted" = ON ]; then bash "$top/.ci/setup.sh" --tests; else bash "$top/.ci/setup.sh"; fi
out=$top/runs/quickstart
status=0
"${AETVAL_BUILD_DIR:-$top/build}/bin/aetval" run "$top/inputs/quickstart.toml" --out "$out" --resume "$@" || status=$?
[ -f "$out/report.html" ] && echo "The report: $out/report.html"
exit "$status"
