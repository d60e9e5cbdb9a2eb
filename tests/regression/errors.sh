#!/usr/bin/env bash
# What a user reads when something is wrong, and the exit code.   errors.sh PATH_OF_AETVAL
set -u
AETVAL=$1
here=$(cd "$(dirname "$0")" && pwd)
source "$here/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# --- usage
expect 2 "A subcommand is required|--help" "$AETVAL"
expect 2 "did you mean 'reconstruct'" "$AETVAL" reconstuct
expect 2 "--iteratons|did you mean '--iterations'|aetval reconstruct --help" "$AETVAL" reconstruct a.mrc --out b.mrc --iteratons 5
expect 0 "Exit codes|reconstruct|score" "$AETVAL" --help
expect 0 "aetval|LAMMPS|FFTW|Voro++|MPI" "$AETVAL" --version
for command in run md build convert image reconstruct trace analyze chemistry propagate score check figures report study; do
  expect 0 "Example: aetval $command" "$AETVAL" $command --help
done

# --- case files
expect 2 "none.toml|does not exist" "$AETVAL" run none.toml
printf '[images]\npixel = 0.4\n' >typo.toml
expect 2 "typo.toml:2|unknown key [images] pixel|did you mean 'pixels'" "$AETVAL" run typo.toml
printf 'title = "x"\n\n[images.probe]\nenergy_kv = 5\n' >range.toml
expect 2 "range.toml:4|[images.probe] energy_kv = 5|20 to 1000" "$AETVAL" run range.toml
printf '[images]\nmethod = "fats"\n' >choice.toml
expect 2 "choice.toml:2|did you mean 'fast'" "$AETVAL" run choice.toml
printf '[images\n' >broken.toml
expect 2 "broken.toml:1|not valid TOML" "$AETVAL" run broken.toml
printf '[images]\nmethod = "multislice"\n[images.multislice]\npixel_a = 0.2\n' >sampling.toml
expect 2 "sampling.toml|190|pixel" "$AETVAL" run sampling.toml
printf '[truth]\npotential = "/nowhere/Pt.eam"\n' >potential.toml
expect 3 "/nowhere/Pt.eam|lammps-data" "$AETVAL" md --case potential.toml --out md
printf '[truth]\nelement = "Pt; shell rm"\n' >inject.toml
expect 2 "inject.toml:2|element" "$AETVAL" run inject.toml
printf 'title = "x"\n' >typo_free.toml
expect 2 "there is no stage 'imagine'|did you mean 'image'" "$AETVAL" run typo_free.toml --from imagine
expect 2 "--from score comes after --to trace" "$AETVAL" run typo_free.toml --from score --to trace

# --- figures, checks, baselines, studies
expect 0 "lower is better|nuclei_spurious_min" "$AETVAL" figures nuclei.spurious
expect 2 "atoms.recal|did you mean 'atoms.recall'" "$AETVAL" figures atoms.recal
expect 3 "nowhere|scores.json" "$AETVAL" check nowhere
expect 2 "--update|--baseline" "$AETVAL" check nowhere --update
printf '{"case": "x", "checks": [], "frames": []}' >scores.json
expect 3 "none.json|--update" "$AETVAL" check . --baseline none.json
expect 2 "none.toml|does not exist" "$AETVAL" study none.toml
printf 'cases = ["typo_free.toml"]\n[grid]\n"images.pixel" = [64]\n' >study.toml
expect 2 "images.pixel = 64|did you mean 'pixels'" "$AETVAL" study study.toml --dry-run

# --- particles and conversion
printf '[truth]\nsource = "partical"\n' >source.toml
expect 2 "source.toml:2|did you mean 'particle'" "$AETVAL" build source.toml --out p.xyz
printf '[truth]\nsource = "particle"\nmelt_k = 900\n' >foreign.toml
expect 2 "foreign.toml:3|unknown key [truth] melt_k|vacancy_fraction" "$AETVAL" build foreign.toml --out p.xyz
printf '[truth]\nsource = "particle"\nradius_a = 9\natoms = 100\n' >twice.toml
expect 2 "twice.toml:3|not both" "$AETVAL" build twice.toml --out p.xyz
printf '[truth]\nsource = "particle"\nelements = "Fe Pt"\nphase = "L1_0"\ncomposition = [0.5, 0.6]\n' >sum.toml
expect 2 "sum.toml|[truth]|composition sums up to 1.1" "$AETVAL" build sum.toml --out p.xyz
printf '[truth]\nsource = "particle"\nphase = "L10"\n' >phase.toml
expect 2 "phase.toml:3|did you mean 'L1_0'" "$AETVAL" build phase.toml --out p.xyz
printf '[truth]\nsource = "particle"\nelements = "Fe Pt"\nphase = "L1_2_A3B"\ncomposition = [0.5, 0.5]\norder_parameter = 0.9\n' >order.toml
expect 2 "order_parameter = 0.9|the largest is" "$AETVAL" build order.toml --out p.xyz
printf '[truth]\nsource = "file"\nfiles = "gone.xyz"\n' >gone.toml
expect 3 "gone.xyz|No such file" "$AETVAL" run gone.toml --dry-run
printf '[truth]\nsource = "file"\nfiles = "a.pdb"\n' >kind.toml
expect 2 "kind.toml:3|a.pdb|.xyz" "$AETVAL" run kind.toml --dry-run
expect 2 "typo_free.toml|source|particle" "$AETVAL" build typo_free.toml --out p.xyz
printf '[truth]\nsource = "particle"\natoms = 38\nshape = "truncated_octahedron"\ncentre_cells = [0.5, 0, 0]\n' >small.toml
expect 2 "source|aetval build" "$AETVAL" md --case small.toml --out md
expect 0 "p.xyz: 38 atoms" "$AETVAL" build small.toml --out p.xyz
expect 0 "p.dump.gz: 38 atoms" "$AETVAL" convert p.xyz p.dump.gz
expect 0 "POSCAR: 38 atoms" "$AETVAL" convert p.dump.gz POSCAR
expect 0 "back.xyz: 38 atoms" "$AETVAL" convert POSCAR back.xyz
expect 2 "p.cif|read, not written" "$AETVAL" convert p.xyz p.cif
expect 2 "p.pdb|.xyz" "$AETVAL" convert p.xyz p.pdb
expect 3 "frame 7|there are 1" "$AETVAL" convert p.dump.gz q.xyz --frame 7
expect 3 "none.cif|No such file" "$AETVAL" convert none.cif q.xyz
expect 3 "Qq|symbol" "$AETVAL" convert p.dump.gz q.xyz --types "Fe Qq"

# --- images and volumes
python_free_mrc() { # FILE NX NY NZ HEX_OF_ONE_FLOAT: a float32 stack with one value everywhere
  local count=$(($2 * $3 * $4)) i
  {
    for i in "$2" "$3" "$4" 2; do printf "\\x$(printf %02x $((i & 255)))\\x$(printf %02x $((i >> 8)))\\x00\\x00"; done
    head -c 1008 /dev/zero
    for ((i = 0; i < count; ++i)); do printf "$5"; done
  } >"$1"
}
python_free_mrc nan.mrc 8 8 3 '\x00\x00\xc0\x7f'
printf '%s\n' -10 0 10 >three.rawtlt
printf '%s\n' -10 0 >two.rawtlt
expect 3 "nan.mrc|image 0|nan|(0, 0)" "$AETVAL" reconstruct nan.mrc --angles three.rawtlt --pixel-a 0.4 --out v.mrc
python_free_mrc zero.mrc 8 8 3 '\x00\x00\x00\x00'
expect 3 "3 images|2 tilt angles" "$AETVAL" reconstruct zero.mrc --angles two.rawtlt --pixel-a 0.4 --out v.mrc
expect 3 "zero" "$AETVAL" reconstruct zero.mrc --angles three.rawtlt --pixel-a 0.4 --out v.mrc
expect 3 "zero.mrc|--angles" "$AETVAL" reconstruct zero.mrc --pixel-a 0.4 --out v.mrc
expect 3 "zero.mrc|--pixel-a" "$AETVAL" reconstruct zero.mrc --angles three.rawtlt --out v.mrc
expect 3 "gone.mrc|No such file" "$AETVAL" reconstruct gone.mrc --out v.mrc
printf 'abc' >short.mrc
expect 3 "short.mrc|3 bytes" "$AETVAL" trace short.mrc --element Pt --out m.xyz
varied_mrc() { # FILE NX NY NZ TEXT: an int8 stack of that text, again and again
  local i
  {
    for i in "$2" "$3" "$4" 0; do printf "\\x$(printf %02x $((i & 255)))\\x$(printf %02x $((i >> 8)))\\x00\\x00"; done
    head -c 1008 /dev/zero
    yes "$5" | tr -d '\n' | head -c $(($2 * $3 * $4))
  } >"$1"
}
reconstruct() { "$AETVAL" reconstruct "$@" --out v.mrc; }
varied_mrc text.mrc 16 16 3 abcdefghijklmnopqrstuvw
printf '%s\n' -10 0 0 >repeated.rawtlt
expect 3 "images 1 and 2 have the same orientation" reconstruct text.mrc --angles repeated.rawtlt --pixel-a 0.4
varied_mrc one.mrc 16 16 1 abcdefghijklmnopqrstuvw
printf '5\n' >one.rawtlt
expect 3 "one.mrc: a single image; a tilt series is needed" reconstruct one.mrc --angles one.rawtlt --pixel-a 0.4
varied_mrc bright.mrc 16 16 3 abcdefghijzzzzzzzz
expect 3 "image 0 is saturated|largest value, 122" reconstruct bright.mrc --angles three.rawtlt --pixel-a 0.4
expect 3 "text.mrc: pixel size is 4e-11 A|0.02 to 20 A|angstrom" reconstruct text.mrc --angles three.rawtlt --pixel-a 4e-11
expect 2 "oversampling 8 of 16-pixel images needs|GB are allowed; oversampling |would fit" reconstruct text.mrc --angles three.rawtlt --pixel-a 0.4 --oversampling 8 --memory-gb 0.002
expect 2 "least_squares of 16-pixel images needs|pixels would fit" reconstruct text.mrc --angles three.rawtlt --pixel-a 0.4 --algorithm least_squares --memory-gb 0.0002
expect 2 "algorithm|sirt|wbp" reconstruct text.mrc --angles three.rawtlt --pixel-a 0.4 --algorithm sirt
expect 2 "oversampling = 9: out of range; allowed is 1 to 8" reconstruct text.mrc --angles three.rawtlt --pixel-a 0.4 --oversampling 9
expect 0 "note: Half-set FSC needs at least 6 images; there are 3|v.mrc: 16 x 16 x 16" reconstruct text.mrc --angles three.rawtlt --pixel-a 0.4 --algorithm wbp
varied_mrc odd.mrc 15 12 3 abcdefghijklmnopqrstuvw
expect 0 "Images of 15 x 12 pixels were padded with zeros to 16 x 16" reconstruct odd.mrc --angles three.rawtlt --pixel-a 0.4 --iterations 3
expect 2 "Unobtainium|symbol" "$AETVAL" trace zero.mrc --element Unobtainium --out m.xyz

# --- imaging: each before any work starts
image_case() { printf '[truth]\nsource = "particle"\nelements = "Pt"\natoms = 38\n[images]\npixels = 32\npixel_a = 0.5\n%b' "$1" >imaging.toml; }
image() { "$AETVAL" image p.xyz --case imaging.toml --out images.mrc; }
image_case 'tilts_deg = []\n'
expect 2 "imaging.toml|tilts_deg|at least one angle" image
image_case '[images.noise]\ntotal_dose_e_per_a2 = 0\n'
expect 2 "imaging.toml|total_dose_e_per_a2 = 0" image
image_case 'pixels = 16\n'
sed -i '0,/pixels = 32/{/pixels = 32/d}' imaging.toml
expect 2 "at tilt|outside the|at least" image
image_case '[images.fast]\nwindow_a = 2\n'
expect 2 "window_a = 2|8 to 64" image
image_case '[images.detector]\ninner_mrad = 60\n[images.fast]\npixel_a = 0.2\n'
expect 2 "fast.pixel_a|inner_mrad|use at most" image
image_case 'method = "multislice"\n[images.detector]\nouter_mrad = 200\n[images.multislice]\npixel_a = 0.05\n'
expect 2 "pixel_a = 0.05|outer_mrad = 200|at most 0.0" image
image_case '[images.detector]\nfurther_mrad = [0, 30, 50]\n'
expect 2 "further_mrad|3 angles|inner and an outer" image
image_case '[images.detector]\nfurther_mrad = [38, 100]\n'
expect 2 "fast.pixel_a|100|use at most|multislice" image
image_case '[images.detector]\nsegments_mrad = [38, 190]\n'
expect 2 "which side|multislice" image
image_case '[images.probe.aberrations]\nb2_nm = [40, 10]\nc21_nm = [120, 10]\n'
expect 2 "c21_nm|either this or b2_nm" image
image_case '[images.probe.aberrations]\nb3_nm = [40, 10]\n'
expect 2 "unknown key|b3_nm|b2_nm|c56_ab_mm" image
image_case '[images.probe.aberrations]\nb2_nm = [4000, 10]\n'
expect 2 "out of the window|window_a" image
image_case '[images.detector]\npattern_bin_mrad = 1\n'
expect 2 "pattern_bin_mrad|multislice" image
image_case 'method = "multislice"\n[images.multislice]\npadding_a = 99\npixel_a = 0.003\n'
expect 2 "GB of memory|are available|pixels" image
printf '1\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3\nRf 0 0 0\n' >rf.xyz
image_case ''
expect 3 "104|scattering factors exist for 1 to 103" "$AETVAL" image rf.xyz --case imaging.toml --out images.mrc
printf '[images]\neuler_file = "tilts.dat"\n' >euler.toml
expect 3 "tilts.dat|No such file" "$AETVAL" image p.xyz --case euler.toml --out images.mrc

# --- atoms
printf '2\n\nPt 0 0 0\nPt 1 x 0\n' >bad.xyz
printf '2\n\nPt 0 0 0\nPt 2.8 0 0\n' >good.xyz
expect 3 "bad.xyz:4|'x'" "$AETVAL" score good.xyz bad.xyz
expect 3 "none.xyz|No such file" "$AETVAL" analyze none.xyz
expect 2 "did you mean '--degrees'" "$AETVAL" analyze good.xyz --degree 4
expect 3 "needs two elements" "$AETVAL" chemistry good.xyz --cutoff-a 3.3
expect 2 "-5 pm|0 to 300" "$AETVAL" propagate good.xyz --rmsd-pm -5

# --- refinement and limit
expect 3 "no information on atoms|one constant" "$AETVAL" refine good.xyz --tilts zero.mrc --angles three.rawtlt --pixel-a 0.4 --out r.xyz
expect 3 "no information on atoms|one constant" "$AETVAL" limit good.xyz --tilts zero.mrc --angles three.rawtlt --pixel-a 0.4
expect 3 "nan.mrc|nan" "$AETVAL" refine good.xyz --tilts nan.mrc --angles three.rawtlt --pixel-a 0.4 --out r.xyz
expect 3 "zero.mrc|--pixel-a" "$AETVAL" refine good.xyz --tilts zero.mrc --angles three.rawtlt --out r.xyz
expect 2 "terms = 9: out of range; allowed is 1 to 4" "$AETVAL" refine good.xyz --tilts zero.mrc --angles three.rawtlt --pixel-a 0.4 --out r.xyz --terms 9
expect 2 "probes is 0" "$AETVAL" limit good.xyz --tilts zero.mrc --angles three.rawtlt --pixel-a 0.4 --probes 0
printf '[refine]\nthreshhold = 20\n' >refine.toml
expect 2 "threshhold|did you mean 'threshold'" "$AETVAL" run refine.toml --dry-run

# --- places that cannot be written
mkdir locked && chmod 755 locked
if [ "$(id -u)" -eq 0 ]; then
  # Root may write everywhere, so the program is run as nobody on files nobody can read.
  chmod 755 "$work"
  expect 4 "cannot write|Permission denied|--out" setpriv --reuid=65534 --regid=65534 --clear-groups "$AETVAL" run "$work/typo_free.toml" --out "$work/locked/run"
else
  chmod 555 locked
  expect 4 "cannot write|Permission denied|--out" "$AETVAL" run typo_free.toml --out locked/run
fi
if unshare -rm true 2>/dev/null; then
  expect 4 "cannot write|No space left on device|free some space" unshare -rm bash -c "mkdir -p full && mount -t tmpfs -o size=8k none full && head -c 8192 /dev/zero >full/filler; exec '$AETVAL' run typo_free.toml --out full/run"
else
  echo "skipped: a full disk (this machine lets nobody mount a small file system)"
fi

finish
