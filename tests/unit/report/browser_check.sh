#!/bin/sh
# browser_check.sh REPORT [OUTPUT_DIR | --quick]: opens a report page in headless Chromium and fails on any console error, request
# to the outside, empty picture, plot or 3D view, or if an atom picked in 3D shows no numbers. With OUTPUT_DIR, leaves
# screenshots (desktop, phone, dark, print, without WebGL) and a PDF there; --quick leaves phone, dark, print and
# the view without WebGL unchecked. Exit code 77: skipped, and says why.
set -eu
report=${1:?usage: browser_check.sh REPORT [OUTPUT_DIR | --quick]}
here=$(dirname "$0")
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || { echo "skipped: no chromium on this machine (Debian package chromium)"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3 on this machine"; exit 77; }
[ -f "$report" ] || { echo "browser_check.sh: $report: no such file"; exit 2; }
shift
exec python3 "$here/browser_check.py" "$browser" "$report" "$@"
