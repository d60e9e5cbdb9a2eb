#!/usr/bin/env bash
# What else is in the images: a neighbour that comes into view as the specimen is tilted, a film that thickens, the
# edge of the field through the particle. And what lies beside the files: descriptions that no report overwrites.
#   in_view.sh PATH_OF_AETVAL
set -eu
AETVAL=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
. "$here/expect.sh"

cat >base.toml <<'TOML'
seed = 1
[truth]
source = "particle"
elements = "Pt"
shape = "truncated_octahedron"
atoms = 79
centre_cells = [0.13, 0.21, 0.08]
euler_deg = [11, 7, 5]
static_displacement_a = 0.1
u_rms_a = [0.07]
[images]
method = "kinematic"
pixels = 48
pixel_a = 0.4
source_sd_a = 0.4
tilt_first_deg = -66
tilt_last_deg = 66
tilt_count = 23
[images.noise]
total_dose_e_per_a2 = 4e5
TOML
sed 's/pixels = 48/pixels = 128/' base.toml >wide.toml

chain() { # SERIES NAME: its volume, traced, refined
  "$AETVAL" reconstruct "$1" --algorithm least_squares --no-fsc --out "$2_v.mrc" --threads 2 >"$2.log" 2>&1 &&
    "$AETVAL" trace "$2_v.mrc" --element Pt --out "$2.xyz" >>"$2.log" 2>&1 &&
    "$AETVAL" refine "$2.xyz" --tilts "$1" --out "$2_r.xyz" --threads 2 >>"$2.log" 2>&1 ||
    { echo "FAIL: $2"; tail -n 5 "$2.log"; exit 1; }
}
json_figure() { tr -d ' \n' <"$1" | grep -oE "\"$2\":[0-9.e+-]+" | head -n1 | sed 's/.*://'; }
# within NAME TRUTH SERIES FACTOR MOST: all 79 atoms of TRUTH, within FACTOR times the limit of SERIES, of MOST atoms
within() {
  local matched rmsd limit atoms
  "$AETVAL" compare "$2" "$1_r.xyz" --json c.json >/dev/null
  limit=$("$AETVAL" limit "$2" --tilts "$3" --json - 2>/dev/null | tr -d ' \n' | grep -oE '"rmsd_pm":[0-9.e+-]+' | head -n1 | sed 's/.*://')
  matched=$(json_figure c.json common) rmsd=$(json_figure c.json rmsd_rigid_pm) atoms=$(head -n1 "$1_r.xyz")
  echo "$1: $matched matched of $atoms, RMSD $rmsd pm, limit $limit pm"
  awk -v m="$matched" -v n="$atoms" -v most="$5" -v a="$rmsd" -v b="$limit" -v f="$4" \
    'BEGIN { exit !(m == 79 && n <= most && a > 0 && a <= f * b) }' ||
    { echo "FAIL: $1"; failures=$((failures + 1)); }
}

"$AETVAL" run base.toml --out base --to image >/dev/null 2>&1 || { echo "FAIL: base"; exit 1; }
truth=base/truth/t000.xyz series=base/tilts/t000.mrc

# A second particle 16.5 A beside the first, in a field of 25.6 A about the first.
awk 'NR == 1 { n = $1; print 2 * n; next } NR == 2 { print; next }
  { print; line[NR] = $0; $2 += 16.5; $3 += 1; $4 += 2; moved[NR] = $0 } END { for (i = 3; i <= n + 2; ++i) print moved[i] }' \
  $truth >two.xyz
"$AETVAL" image two.xyz --case wide.toml --out two.mrc >/dev/null
"$AETVAL" prepare two.mrc --crop 64,64 --out window.mrc >/dev/null
chain window.mrc beside
grep -q "come.* in over" beside.log || { echo "FAIL: no note on the neighbour"; failures=$((failures + 1)); }
# Six atoms of the second are always in view, two more nearly.
within beside $truth window.mrc 1.3 89

# The field ends 4 A beside the axis, within the particle.
"$AETVAL" prepare $series --crop 14,0,34,48 --out edge.mrc >/dev/null
chain edge.mrc cut
within cut $truth edge.mrc 1.3 79

# A film of 60 counts that grows as 1 / cos(tilt).
python3 - <<'PY' || { echo "skipped: python3 is not there to add a film"; exit 77; }
import array, math, random
b = open('base/tilts/t000.mrc', 'rb').read()
angles = [float(x) for x in open('base/tilts/t000.rawtlt')]
values = array.array('f', b[1024:])
random.seed(2)
per = len(values) // len(angles)
for i in range(len(values)):
    mean = 60 / math.cos(math.radians(angles[i // per]))
    values[i] += max(0, round(random.gauss(mean, math.sqrt(mean))))
open('film.mrc', 'wb').write(b[:1024] + values.tobytes())
open('film.rawtlt', 'w').write(open('base/tilts/t000.rawtlt').read())
PY
chain film.mrc thick
within thick $truth film.mrc 1.3 79

# A report would overwrite what describes a series, a volume or other images.
cp window.mrc s.mrc
cp window.json s.json
cp s.json before.json
for command in "trace cut_v.mrc --element Pt" "classify cut_v.mrc cut.xyz --elements Pt" "refine cut.xyz --tilts edge.mrc" \
  "refine-published edge.mrc cut.xyz"; do
  expect 2 "s.json', which describes a tilt series" "$AETVAL" $command --out s.xyz
  expect 2 "cut_v.json', which describes 'cut_v.mrc'" "$AETVAL" $command --out cut_v.xyz
done
"$AETVAL" align edge.mrc --as-given --out poses.json >/dev/null
expect 2 "poses.json', which describes a tilt series" "$AETVAL" reconstruct poses.json --out poses.mrc
expect 2 "poses.json', which describes the images 'edge.mrc'" "$AETVAL" prepare edge.mrc --out poses.mrc
expect 2 "poses.json', which describes the images 'edge.mrc'" "$AETVAL" image two.xyz --case wide.toml --out poses.mrc
cmp s.json before.json || failures=$((failures + 1))
finish
