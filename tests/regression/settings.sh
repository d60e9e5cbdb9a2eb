#!/usr/bin/env bash
# The page of settings is what the program says of itself, and options of commands are checked as keys of a case are.
#   settings.sh PATH_OF_AETVAL
set -eu
AETVAL=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$here/expect.sh"
"$AETVAL" config --markdown | diff "$here/../../inputs/settings.md" - ||
  { echo "FAIL: inputs/settings.md is not up to date; write it with: aetval config --markdown > inputs/settings.md"; exit 1; }
expect 0 "[images.noise]|gain = 1|counts per electron" "$AETVAL" config images.noise
expect 0 "recall_min = ...|smallest of atoms.recall" "$AETVAL" config checks
printf '[reconstruct]\nhot_pixels = true\n' >"$work/old.toml"
expect 0 "warning: $work/old.toml:2: [reconstruct] hot_pixels is an old name|write [prepare] hot_pixels" "$AETVAL" run "$work/old.toml" --dry-run
expect 2 "no table [refin]|did you mean 'refine'" "$AETVAL" config refin
cd "$work"
expect 2 "min_distance_a = 50: out of range; allowed is 0.01 to 20" "$AETVAL" trace none.mrc --element Pt --out m.xyz --min-distance-a 50
expect 2 "upsampling = 9" "$AETVAL" trace none.mrc --element Pt --out m.xyz --upsampling 9
expect 2 "iterations = 0: out of range" "$AETVAL" reconstruct none.mrc --out v.mrc --iterations 0
expect 2 "settings of genfire|--algorithm is wbp" "$AETVAL" reconstruct none.mrc --out v.mrc --algorithm wbp --oversampling 2
expect 2 "method|did you mean 'gaussian'" "$AETVAL" trace none.mrc --element Pt --out m.xyz --method gausian
expect 2 "bin = 0: out of range; allowed is 1 to 64" "$AETVAL" prepare none.mrc --out p.mrc --bin 0
expect 2 "crop|four numbers" "$AETVAL" prepare none.mrc --out p.mrc --crop 1,2,3
expect 2 "tilt_axis_deg|-180 to 180" "$AETVAL" prepare none.mrc --out p.mrc --tilt-axis-deg nan
expect 2 "did you mean 'automatic'" "$AETVAL" prepare none.mrc --out p.mrc --tilt-axis automatc
finish
