#!/usr/bin/env bash
# The chain on what it was not developed on, by the commands that a user would type; one JSON object.
#   beyond_bench.sh [REFERENCE_DIR] [--only plain|ta_film|asi_20k|copdpt_18k] [--doses "8e3 ..."] [--work DIR]
#   REFERENCE_DIR: ../shared/reference beside the checkout. Steps whose output is in the work folder are not
#   repeated, so that a benchmark that was stopped goes on. $AETVAL: the program.
# asi_20k: 10 minutes of CPU time for the images of a dose (kinematic, made here), some 25 for the chain.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
reference=$top/../shared/reference
work=${TMPDIR:-/tmp}/aetval_bench_beyond
only=
doses="8e3 1.6e4 1.6e5"
while [ $# -gt 0 ]; do
  case $1 in
    --only) only=$2; shift 2 ;;
    --doses) doses=$2; shift 2 ;;
    --work) work=$2; shift 2 ;;
    -*) echo "beyond: $1 is no option; allowed are --only, --doses and --work" >&2; exit 2 ;;
    *) reference=$1; shift ;;
  esac
done
case $only in "" | plain | ta_film | asi_20k | copdpt_18k) ;; *)
  echo "beyond: there is no part '$only'; there are plain, ta_film, asi_20k and copdpt_18k" >&2; exit 2 ;; esac
[ -d "$reference/specimens" ] || { echo "beyond: $reference holds no reference data; give their folder" >&2; exit 2; }
mkdir -p "$work"

# step DIR NAME OUTPUT COMMAND...: run it unless DIR/OUTPUT is there; its log, seconds of CPU time and memory
# go to DIR/NAME.log and DIR/NAME.cost.
step() {
  local base=$1/$2 output=$1/$3
  shift 3
  [ -e "$output" ] && [ -e "$base.cost" ] && return 0
  /usr/bin/time -o "$base.cost" -f '"cpu_s": %U, "wall_s": %e, "peak_kb": %M' "$@" >"$base.log" 2>&1 ||
    { echo "beyond: failed, see $base.log" >&2; return 1; }
}
cost() { tail -n 1 "$1.cost"; }

# score TRUTH MODEL [OPTIONS]: the figures of one model.
score() {
  "$AETVAL" score "$@" --json - 2>/dev/null | tr -d '\n' |
    grep -oE '"(recall|precision|species_right|identified|rmsd_pm)": *(\{[^}]*"value": *[0-9.e+-]+|[0-9.e+-]+)' |
    sed -E 's/^("[a-z_]+"): *.*[ :]([0-9.e+-]+)$/\1: \2/' | awk -F: '!seen[$1]++' | paste -sd, -
}

# chain DIR TRUTH SERIES ELEMENTS SCORE_OPTIONS [SERIES_OPTIONS]: volume, atoms, refined atoms.
chain() {
  local dir=$1 truth=$2 series=$3 elements=$4 score_options=$5
  shift 5
  step "$dir" volume volume.mrc "$AETVAL" reconstruct "$series" "$@" --no-fsc --out "$dir/volume.mrc"
  step "$dir" traced traced.xyz "$AETVAL" trace "$dir/volume.mrc" --element "$elements" --out "$dir/traced.xyz"
  step "$dir" refined refined.xyz "$AETVAL" refine "$dir/traced.xyz" --tilts "$series" "$@" --no-errors --out "$dir/refined.xyz"
  # shellcheck disable=SC2086  # several options
  printf '{"reconstruct": {%s}, "trace": {%s, %s}, "refine": {%s, %s}}' "$(cost "$dir/volume")" \
    "$(cost "$dir/traced")" "$(score "$truth" "$dir/traced.xyz" $score_options)" \
    "$(cost "$dir/refined")" "$(score "$truth" "$dir/refined.xyz" $score_options)"
}

# images DIR TRUTH PIXELS DOSE TILTS: kinematic images with a background of one count.
images() {
  mkdir -p "$1"
  cat >"$1/case.toml" <<TOML
title = "images of the benchmark"
seed = 1
[truth]
source = "file"
files = "$2"
[images]
method = "kinematic"
pixels = $3
pixel_a = 0.347
source_sd_a = 0.35
tilts_deg = [$5]
[images.noise]
dose_per_tilt_e_per_a2 = $4
readout_mean = 1
readout_sd = 1
TOML
  step "$1" images run/tilts/t000.mrc "$AETVAL" run "$1/case.toml" --out "$1/run" --to image --resume
}

plain() {
  local set=$reference/asi208_1p6e4
  mkdir -p "$work/plain"
  chain "$work/plain" "$set/truth.xyz" "$set/tilts.mrc" Si ""
}

# inside BOX MODEL OUT: the atoms of a model that lie 2 A inside the box around those of another.
inside() {
  awk -v margin=2 '
    FNR <= 2 { if (NR != FNR) head[FNR] = $0; next }
    NR == FNR { for (i = 2; i <= 4; ++i) {
        if (FNR == 3 || $i < low[i]) low[i] = $i
        if (FNR == 3 || $i > high[i]) high[i] = $i }
      next }
    { for (i = 2; i <= 4; ++i) if ($i < low[i] + margin || $i > high[i] - margin) next
      atoms[++n] = $0 }
    END { print n; print head[2]; for (i = 1; i <= n; ++i) print atoms[i] }' "$1" "$2" >"$3"
}

# interior DIR PUBLISHED MODEL: of the published atoms there, which are in the model; of the model, which are published.
interior() {
  inside "$2" "$2" "$1/published_inside.xyz"
  inside "$2" "$3" "$1/model_inside.xyz"
  local options="--align translation --cutoff-a 1.0"
  # shellcheck disable=SC2086  # several options
  printf '{%s, %s}' "$(score "$1/published_inside.xyz" "$3" $options | grep -o '"recall": [0-9.]*')" \
    "$(score "$2" "$1/model_inside.xyz" $options | grep -o '"precision": [0-9.]*')"
}

# Scale and constant of each image free: fair to a model of any origin.
contrast_r1() { grep -o '"r1_contrast": [0-9.]*' "$1" | head -n 1; }

# halves DIR SERIES SERIES_OPTIONS: each half of the images by itself, and how well the two models agree.
halves() {
  local dir=$1 series=$2 half
  shift 2
  for half in 0 1; do
    step "$dir" half_$half half_$half.mrc "$AETVAL" prepare "$series" "$@" --images "$half-45/2" --out "$dir/half_$half.mrc"
    step "$dir" volume_$half volume_$half.mrc "$AETVAL" reconstruct "$dir/half_$half.mrc" --no-fsc --out "$dir/volume_$half.mrc"
    step "$dir" traced_$half traced_$half.xyz "$AETVAL" trace "$dir/volume_$half.mrc" --element Ta --out "$dir/traced_$half.xyz"
    step "$dir" refined_$half refined_$half.xyz "$AETVAL" refine "$dir/traced_$half.xyz" --tilts "$dir/half_$half.mrc" \
      --no-errors --out "$dir/refined_$half.xyz"
  done
  local consistency='"consistency": *[0-9.]+'
  printf '{"traced": {%s}, "refined": {%s}}' \
    "$("$AETVAL" compare "$dir/traced_0.xyz" "$dir/traced_1.xyz" --json - | grep -oE "$consistency")" \
    "$("$AETVAL" compare "$dir/refined_0.xyz" "$dir/refined_1.xyz" --json - | grep -oE "$consistency")"
}

ta_film() {
  local area dir published series first=1
  local known=(--angles "$reference/ta_film/angles.mat" --pixel-a 0.3216)
  printf '{'
  for area in 24 1; do
    dir=$work/ta_$area published=$reference/ta_film/published_$area.xyz series=$reference/ta_film/Projections_area$area.mat
    mkdir -p "$dir"
    [ $first = 1 ] || printf ', '
    first=0
    printf '"area_%s": {"chain": ' "$area"
    chain "$dir" "$published" "$series" Ta "--align translation --cutoff-a 1.0" "${known[@]}"
    step "$dir" published published.json "$AETVAL" limit "$published" --tilts "$series" "${known[@]}" --json "$dir/published.json"
    printf ', "interior": {"traced": %s, "refined": %s}, "refined": {%s}, "published": {%s}, "halves": %s}' \
      "$(interior "$dir" "$published" "$dir/traced.xyz")" "$(interior "$dir" "$published" "$dir/refined.xyz")" \
      "$(contrast_r1 "$dir/refined.json")" "$(contrast_r1 "$dir/published.json")" "$(halves "$dir" "$series" "${known[@]}")"
  done
  printf '}'
}

asi_20k() {
  local dose first=1
  printf '{'
  for dose in $doses; do
    images "$work/asi_$dose" "$reference/specimens/asi_19993.xyz" 290 "$dose" "$(seq -s, 0 -3 -177)"
    [ $first = 1 ] || printf ', '
    first=0
    printf '"%s": ' "$dose"
    chain "$work/asi_$dose" "$work/asi_$dose/run/truth/t000.xyz" "$work/asi_$dose/run/tilts/t000.mrc" Si ""
  done
  printf '}'
}

# Tilts about one axis here; the published series has three Euler angles an image.
copdpt_18k() {
  images "$work/copdpt" "$reference/specimens/copdpt_18356.xyz" 290 1.7e4 "$(seq -s, -69 2.618 75)"
  chain "$work/copdpt" "$work/copdpt/run/truth/t000.xyz" "$work/copdpt/run/tilts/t000.mrc" "Co Pd Pt" ""
}

printf '{'
first=1
for part in plain ta_film asi_20k copdpt_18k; do
  [ -z "$only" ] || [ "$only" = $part ] || continue
  [ $first = 1 ] || printf ', '
  first=0
  printf '"%s": ' $part
  $part
done
printf '}\n'
