#!/usr/bin/env bash
# One thread and two give the same artefacts; so does a run that was killed while imaging and resumed.
# Then the report of the run is opened in a real browser.
#   chain.sh PATH_OF_AETVAL PATH_OF_CHECK_SCHEMA
set -eu
AETVAL=$1
CHECK_SCHEMA=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { "$AETVAL" run "$here/tiny.toml" "$@" >>"$work/log" 2>&1; }
# path and hash of every hashed output, from the manifest
hashes() { grep -oE '"[a-z_]+/[^"]*": "[0-9a-f]{64}"|"[a-z_.]+": "[0-9a-f]{64}"' "$1/manifest.json" | grep -v '"key"' | sort -u; }

run --out "$work/one" --threads 1 || { cat "$work/log"; exit 1; }
run --out "$work/two" --threads 2 --to image
hashes "$work/two" >"$work/two.early"

# The same truth, then killed as soon as the first tilt is on disk.
cp -r "$work/two" "$work/killed"
rm -rf "$work/killed/tilts"
"$AETVAL" run "$here/tiny.toml" --out "$work/killed" --resume --threads 2 >>"$work/log" 2>&1 &
pid=$!
for _ in $(seq 3000); do
  ls "$work"/killed/tilts/partial-*/*.mrc >/dev/null 2>&1 && break
  kill -0 $pid 2>/dev/null || break
  sleep 0.01
done
kill -9 $pid 2>/dev/null || { echo "FAIL: the run ended before it could be killed"; exit 1; }
wait $pid 2>/dev/null || true
ls "$work"/killed/tilts/partial-*/*.mrc >/dev/null || { echo "FAIL: no checkpoint was written before the kill"; exit 1; }

run --out "$work/two" --resume --threads 2 || { cat "$work/log"; exit 1; }
run --out "$work/killed" --resume --threads 1 || { cat "$work/log"; exit 1; }
for other in two killed; do
  if ! diff <(hashes "$work/one") <(hashes "$work/$other") >"$work/diff"; then
    echo "FAIL: artefacts of '$other' differ from the single-threaded run:"
    cat "$work/diff"
    exit 1
  fi
done
[ "$(hashes "$work/one" | wc -l)" -gt 10 ] || { echo "FAIL: too few hashes were compared"; exit 1; }
[ ! -e "$(echo "$work"/killed/tilts/partial-*)" ] || { echo "FAIL: checkpoints were left behind"; exit 1; }
"$CHECK_SCHEMA" scores "$work/one/scores.json"
"$CHECK_SCHEMA" manifest "$work"/{one,two,killed}/manifest.json
"$AETVAL" check "$work/one" --baseline "$work/baseline.json" --update >>"$work/log"
"$CHECK_SCHEMA" baseline "$work/baseline.json"
# Doing it again does nothing, quickly.
before=$(stat -c %Y.%s "$work/two/scores.json")
run --out "$work/two" --resume
[ "$before" = "$(stat -c %Y.%s "$work/two/scores.json")" ] || { echo "FAIL: a finished run was redone"; exit 1; }
echo "$(hashes "$work/one" | wc -l) artefact hashes agree"
bash "$here/../unit/report/browser_check.sh" "$work/one/report.html" --quick || [ $? -eq 77 ]
