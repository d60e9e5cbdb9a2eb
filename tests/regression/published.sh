#!/usr/bin/env bash
# Images from files: a case on the images of another run recovers the same atoms, and scores a second model
# beside them. Then what goes wrong with such files.
#   published.sh PATH_OF_AETVAL PATH_OF_CHECK_SCHEMA
set -eu
AETVAL=$1
CHECK_SCHEMA=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
recovery='
[reconstruct]
iterations = 20
[analyze]
nucleus_min_atoms = 13
'
cat >made.toml <<EOF
[truth]
source = "particle"
elements = "Pt"
lattice_constant_a = 3.92
shape = "sphere"
atoms = 60
u_rms_a = [0.06]
[images]
method = "kinematic"
pixels = 48
pixel_a = 0.5
tilt_count = 11
$recovery
EOF
"$AETVAL" run made.toml --out made >log 2>&1 || { cat log; exit 1; }

taken() { # the case, with lines for [images] and [score]
  printf '[truth]\nsource = "file"\nfiles = "made/truth/t000.xyz"\n[images]\n%s\n%s\n[score]\n%s\n' "$1" "$recovery" "$2" >taken.toml
}
taken 'files = "made/tilts/t000.mrc"' 'compare = "made/truth/t000.xyz"'
"$AETVAL" run taken.toml --out taken >log 2>&1 || { cat log; exit 1; }
"$CHECK_SCHEMA" scores {made,taken}/scores.json
"$CHECK_SCHEMA" manifest {made,taken}/manifest.json
cmp made/volume/t000.mrc taken/volume/t000.mrc
cmp made/model/t000.xyz taken/model/t000.xyz
# The compared model is the truth itself.
tr -d ' \n' <taken/scores.json | grep -q '"compared_model":{"model":60.0,"recall":1.0,' || { echo "FAIL: the compared model was not scored"; exit 1; }
grep -q 'the model of t000.xyz has recall 1' taken/scores.json || { echo "FAIL: no sentence about the compared model"; exit 1; }

refused() { # a run that must fail with exit code $1 and these words
  local code=$1 words=$2 got=0
  "$AETVAL" run taken.toml --out refused >log 2>&1 || got=$?
  [ "$got" = "$code" ] || { echo "FAIL: exit code $got instead of $code"; cat log; exit 1; }
  grep -qF "$words" log || { echo "FAIL: no '$words' in:"; cat log; exit 1; }
}
taken 'files = "nowhere.mrc"' ''
refused 2 'nowhere.mrc'
taken 'files = "made/tilts/t000.mrc made/tilts/t000.mrc"' ''
refused 2 'one series for each is expected'
taken 'files = "made/tilts/t000.mrc"' 'compare = "a.xyz b.xyz"'
refused 2 'one model for each of the 1 moments is expected'
taken 'files = "made/tilts/t000.mrc"
pixels = 48' ''
refused 2 'pixels'
echo "images from files: the same model, another one scored beside it, mistakes named"
