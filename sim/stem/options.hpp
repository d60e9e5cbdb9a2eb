// Everything that defines an ADF-STEM image of a specimen, apart from the specimen and the scan.
#pragma once

#include "sim/stem/aberrations.hpp"
#include "sim/stem/scattering.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace aet::stem {

/// How the image is computed.
enum class Method {
  fast,       ///< band-limited waves in a local window, electrons counted by their complement
  multislice, ///< reference: fine grid that carries the whole detector, annulus summed directly
  kinematic ///< sum of isolated atoms, each seen by the probe at its height: quick looks, and a linear model
};

/// fast, multislice or kinematic.
[[nodiscard]] const char* method_name(Method method);

/// Weight of a Fourier pixel that the edge of a detector cuts.
enum class DetectorEdge {
  soft, ///< linear over one Fourier pixel: converges fastest with the size of the window
  sharp ///< inside if inner <= lambda q < outer
};

/// How the reference method samples the potential of an atom.
enum class PotentialSampling {
  exact,         ///< from its transform, with every frequency of the grid
  pixel_averaged ///< real-space table: mean over each pixel, cut at 3 A, lifted to zero there. What
                 ///< Prismatic 2.0 computes; only to compare with it. Atoms should lie on pixels, and
                 ///< oversampling be >= 1
};

/// The electron probe: aperture x exp(-i chi), chi as in aberrations.hpp. C1 > 0 moves the focus by C1
/// against the beam.
struct ProbeOptions {
  double energy_kv = 200.0;       ///< beam energy [kV], 20..1000
  double convergence_mrad = 30.0; ///< semi-angle of the aperture [mrad], 1..100
  double c1_a = 0.0;              ///< defocus [angstrom], -1e4..1e4
  double astigmatism_a = 0.0;     ///< twofold astigmatism A1 [angstrom], 0..1e4: defocus c1 + A1 along...
  double astigmatism_deg =
      0.0;                ///< ...this direction, from x towards y, and c1 - A1 across it [degree], -180..180
  double c3_mm = 0.0;     ///< spherical aberration [mm], -10..10
  double c5_mm = 0.0;     ///< fifth-order spherical aberration [mm], -1000..1000
  Aberrations further{};  ///< added to those above [angstrom]
  Aberrations residual{}; ///< added as well, without the operator's knowledge [angstrom]
  double focal_spread_a = 0.0;     ///< standard deviation of the defocus, from the spread of energies and
                                   ///< lens currents: images are averaged over it [angstrom], 0..1000
  int focal_points = 5;            ///< defoci averaged if there is a spread: Gauss-Hermite nodes, 2..21
  std::optional<double> focus_z_a; ///< plane of the focus for C1 = 0 [angstrom]; default: mid-specimen
};

/// All aberrations of a probe.
[[nodiscard]] Aberrations aberrations_of(const ProbeOptions& probe);

/// The same probe without those that are not round.
[[nodiscard]] ProbeOptions round_probe(ProbeOptions probe);

/// Annular detector; angles are lambda q.
struct DetectorOptions {
  double inner_mrad = 38.0;  ///< [mrad], >= 1; Method::fast: >= convergence + 1
  double outer_mrad = 190.0; ///< [mrad], > inner, <= 500
  DetectorEdge edge = DetectorEdge::soft;
};

/// A range of angles: disc if it begins at 0; or one of its equal sectors.
struct AngleRange {
  double inner_mrad = 0.0;   ///< [mrad], >= 0
  double outer_mrad = 30.0;  ///< [mrad], > inner, <= 500
  int segments = 1;          ///< that the whole is cut into, 1..64
  int segment = 0;           ///< which of them, 0..segments-1
  double rotation_deg = 0.0; ///< azimuth at which segment 0 begins, from x towards y [degree], -360..360
};

/// Signals recorded beside the detector's, at the same time and from the same waves.
struct FurtherSignals {
  /// Any number. Method::multislice: anything its grid carries. Method::fast: edges that its grid carries
  /// (slice_propagation() says so), and the detector's outer edge of what has no segments; where it averages
  /// over thermal motion, no edge but the detector's own.
  std::vector<AngleRange> ranges;
  double pattern_bin_mrad = 0.0; ///< width of the rings of a diffraction pattern averaged over azimuth
                                 ///< [mrad], 0.1..100, or 0: no pattern. Method::multislice only
};

/// Slices along the beam. The potential of an atom acts in the middle plane of the slice that holds its
/// centre.
struct SliceOptions {
  double thickness_a = 2.0;           ///< [angstrom], 0.1..10
  std::optional<double> entrance_z_a; ///< entrance face of the first slice [angstrom]; default: slices
                                      ///< centred on the specimen
};

/// What an image takes for the thermal motion, of which every electron meets another moment.
enum class PhononSampling {
  average, ///< the mean over all moments, by Method::fast without drawing any: the wave's mean, and beside it
           ///< what displacements scatter diffusely; as `pairs` by Method::multislice
  pairs,   ///< mean of `configurations` moments, each second one the one before it with all displacements
           ///< turned round: what a displacement does to first order, which is to move the atom, cancels
  independent ///< mean of `configurations` frozen snapshots, as other programs draw them
};

/// Thermal motion: Gaussian displacements of every atom, independent of the other atoms' (thermal_motion()).
struct PhononOptions {
  std::optional<double> u_rms_a; ///< root mean square displacement along ONE axis [angstrom], 0..0.5;
                                 ///< default: the atoms' columns "u_aniso" or "u_rms", none without either
  PhononSampling sampling = PhononSampling::independent;
  int configurations = 1; ///< that are drawn for an image, where any are, 1..1000
};

/// Settings of Method::fast.
struct FastOptions {
  double window_a = 10.0; ///< side of the periodic window around each probe [angstrom], 8..64
  double pixel_a = 0.093; ///< largest pixel of the window [angstrom], 0.02..0.2
  double near_a = 3.0;    ///< probes farther than this from every atom (seen along the beam) are computed by
                          ///< single scattering [angstrom], 1..window_a/2
  double exact_depth_a = 1.2; ///< atoms nearer to the probe's outermost rays than this, or within them, act
                              ///< at their exact depth, not in the middle plane of their slice [angstrom],
                              ///< 0..2; 0: none
  /// Where the beam runs along columns of atoms the settings above are made finer until they agree with finer
  /// ones to this, as a part of the mean signal (checked_settings()), 0..0.1; 0: they stay as they are.
  double accuracy = 0.0;

  bool operator==(const FastOptions&) const = default;
};

/// Which electrons of the probe a finite cell holds.
enum class ProbeNorm {
  aperture, ///< those that fall into it: the softened edge of the aperture in Fourier space cuts the probe's
            ///< tails off, which carry dq / (3 q_aperture) of the beam, 0.9 % in a cell of 30 A at 30 mrad
            ///< and 200 kV
  cell      ///< all, as if the tails were folded in: what Prismatic 2.0 does; only to compare with it
};

/// Settings of Method::multislice.
struct ReferenceOptions {
  double cell_a = 0.0;    ///< side of the periodic cell centred on the axis [angstrom]; 0: specimen and scan
                          ///< plus `padding_a` on each side
  double padding_a = 6.0; ///< [angstrom], 0..100
  double window_a = 0.0;  ///< side of the periodic window around each probe [angstrom]; 0: the whole cell
  double pixel_a = 0.0;   ///< largest pixel [angstrom], at most sampling_needed(); 0: 0.7 of that
  int oversampling = 0; ///< 0: exp(i sigma V) of each atom computed exactly and band-limited; 1..4: from the
                        ///< summed potential on a grid this many times finer
  ProbeNorm norm = ProbeNorm::aperture;
  PotentialSampling potential = PotentialSampling::exact; ///< of the summed potential
};

/// All of it. Checked by validate(), which every entry point calls before work starts.
struct StemOptions {
  Method method = Method::fast;
  FactorTable factors = FactorTable::lobato;
  ProbeOptions probe;
  DetectorOptions detector;
  FurtherSignals further;
  SliceOptions slices;
  PhononOptions phonons;
  FastOptions fast;
  ReferenceOptions reference;
};

/// Whether thermal motion is averaged over without drawing displacements.
[[nodiscard]] inline bool averages_analytically(const StemOptions& options) {
  return options.method == Method::kinematic ||
         (options.method == Method::fast && options.phonons.sampling == PhononSampling::average);
}

/// Configurations that are drawn for an image: 1 where none need be.
[[nodiscard]] inline int drawn_configurations(const StemOptions& options) {
  return averages_analytically(options) ? 1 : options.phonons.configurations;
}

/// A square field of probes, origin on pixel n/2.
struct Scan {
  int n = 64;           ///< pixels a side, even, 2..4096
  double pixel_a = 0.4; ///< step [angstrom], 0.02..10
};

/// Which random draws an image uses.
struct ImageKey {
  std::uint64_t seed = 0;
  std::uint32_t frame = 0;
  std::uint32_t tilt = 0;
  std::uint32_t first_configuration = 0; ///< frozen-phonon configurations are numbered from here
};

/// Largest pixel [angstrom] whose grid, band-limited to 2/3 of its Nyquist frequency against wrap-around of
/// the product wave x transmission, still carries the outer edge of the detector. Source: Kirkland, Advanced
/// Computing in Electron Microscopy, sec. 6.8.
[[nodiscard]] double sampling_needed(const ProbeOptions& probe, const DetectorOptions& detector);

/// Window, pixel, slices and exact depths of the fast method for a wanted deviation from the truth of
/// multislice, as a part of the mean signal (R1), 0.002..0.1. Chosen from measured points
/// (sim/stem/README.md): 3 to 5 nm FePt particles at 200 kV and 30 mrad.
/// \throws core::ConfigError for a value out of range.
void set_accuracy(StemOptions& options, double r1);

/// Rings of the diffraction pattern: from 0 to the first edge at or beyond the detector's outer one.
[[nodiscard]] int pattern_bins(const StemOptions& options);

/// \throws core::ConfigError for the first value out of its range, and for a reference pixel that does not
/// carry the outer edge of the detector (it names the pixel that would).
void validate(const StemOptions& options);

/// \throws core::ConfigError for the first value out of its range.
void validate(const Scan& scan);

} // namespace aet::stem
