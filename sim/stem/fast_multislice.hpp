// The fast mode: count what stays inside the detector's inner edge, and infer the rest.
//
// Electrons are conserved, so the annulus holds 1 - I(< inner) - I(> outer). I(< inner) is carried by low
// frequencies, so the wave lives on a coarse grid in a local window: transmission functions are computed on a
// fine grid and band-limited to the coarse one, which makes single scattering out of the band an exact loss.
// Neglected: electrons that leave the band and are scattered back inside `inner`. I(> outer) happens at the
// nuclei and is the overlap of the local wave with each atom's escape modes. The wave is propagated by short
// separable filters.
//
// The window holds the true probe, cut at its border, not a periodic image of it. What the cut throws beyond
// the inner edge is known from the empty window and subtracted; the probe's tails outside the window, some
// 0.5 % of the beam, scatter singly.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/parallel.hpp"
#include "sim/stem/atom_template.hpp"
#include "sim/stem/detector.hpp"
#include "sim/stem/exact_depth.hpp"
#include "sim/stem/exit_count.hpp"
#include "sim/stem/fresnel_filter.hpp"
#include "sim/stem/probe.hpp"
#include "sim/stem/specimen.hpp"

#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace aet::stem {

/// Geometry of the coarse grid.
struct FastGrid {
  double pixel = 0.0;    ///< [angstrom]
  int window = 0;        ///< samples a side of the window, a multiple of 16; within 2.5 % of the one wanted
  int pixels_a_step = 1; ///< coarse pixels between neighbouring probes
};
[[nodiscard]] FastGrid fast_grid(const Scan& scan, const FastOptions& options);

/// How waves are propagated over one slice of `thickness` [angstrom].
/// \throws core::ConfigError if the slice is too thick for the pixel, or the pixel does not carry one of
/// counted_edges().
[[nodiscard]] FresnelSteps slice_propagation(const FastGrid& grid, double thickness,
                                             const StemOptions& options);

/// How a probe of the scan is computed.
enum class ProbeKind : unsigned char { vacuum, single_scattering, multislice };

/// For every pixel of the scan, by the distance to the nearest atom seen along the beam.
[[nodiscard]] std::vector<ProbeKind> classify_probes(const SlicedSpecimen& specimen, const Scan& scan,
                                                     const FastOptions& options);

/// Thread-safe after construction with one Workspace a thread.
class FastImager {
public:
  /// Probes that go through the slices side by side: neighbours read the same transmission functions, which
  /// are too many for the cache.
  static constexpr std::size_t together = 4;

  /// Electrons that a wave loses on its way, as fractions of the beam.
  struct Losses {
    double beyond = 0.0;  ///< beyond the outer edge
    double diffuse = 0.0; ///< inside the inner edge, but no part of the mean wave
  };
  /// A wave on its way, in a window around coarse pixel (x, y) from the axis.
  struct Passage {
    int x = 0, y = 0;
    std::size_t first = 0, last = 0; ///< slices that it meets
    SplitWave wave;
    Losses lost;
  };
  struct Workspace {
    std::vector<Passage> passages; ///< as many as go together
    FilterScratch filter;
    ExitCount::Scratch count;
    ExactDepth::Scratch depth;           ///< empty if depths are not corrected
    std::vector<SplitPatch> corrections; ///< of the atoms of one slice near the axis
    std::vector<WavePatch> added;        ///< where they are added to the transmitted wave
  };
  struct ScanPixel {
    int ix = 0, iy = 0;
  };

  /// Fractions of the incident beam. For single scattering `inside` and `beyond` are not computed.
  struct Result {
    double annulus = 0.0;        ///< the detector's signal
    double inside = 0.0;         ///< inside its inner edge
    double beyond = 0.0;         ///< beyond its outer edge
    std::vector<double> further; ///< one value for each further range
  };

  FastImager(const SlicedSpecimen& specimen, const Scan& scan, const StemOptions& options,
             core::Threads threads);

  [[nodiscard]] Workspace workspace() const;
  /// The probes at some scan pixels, at most `together` of them; the nearer to each other, the faster.
  [[nodiscard]] std::vector<Result> probes(std::span<const ScanPixel> pixels, Workspace& workspace) const;

private:
  struct PlacedAtom {
    int x = 0; ///< nearest coarse pixel, from the axis
    int y = 0;
    int patch = 0; ///< samples a side of its escape modes
    int modes = 0;
    std::size_t kind = 0;      ///< of kinds of atoms
    std::size_t place = 0;     ///< of AtomKind::diffuse, by where it lies between coarse pixels
    std::size_t escape = 0;    ///< number of its escape modes in escape_modes_
    double offset = 0.0;       ///< from the slice plane [angstrom]
    double dx = 0.0, dy = 0.0; ///< from the nearest coarse pixel [coarse pixel]
    /// What the slices behind do to the electrons that it scatters diffusely inside the inner edge: the part
    /// that leaves, which any of them do, or those that come in from outside, which a column steers there
    /// from the nucleus: by the wave's intensity at it [angstrom^2].
    double part_lost = 0.0, area_gained = 0.0;
    double area_beyond = 0.0;        ///< those that are sent beyond the outer edge, by the same intensity
    std::optional<std::size_t> core; ///< its core in Slice::cores, if it can be near the axis of a probe
  };
  /// What atoms of one element and displacement share.
  struct AtomKind {
    std::vector<double> areas_beyond; ///< [angstrom^2], as in AtomTemplate
    double diffuse_area = 0.0;
    double diffuse_left = 0.0;
    double escape_by_first = 1.0;
    int z = 0;          ///< atomic number
    double u_rms = 0.0; ///< [angstrom]
    int patch = 0;      ///< samples a side of the diffuse modes
    int modes = 0;
    /// For each place between coarse pixels, of a grid of places_between^2, as append_mode() leaves them: the
    /// modes of diffuse scattering, and the first escape mode.
    std::vector<core::AlignedVector<float>> diffuse, first_escape;
  };
  /// Transmission function on the field, and what else a slice does.
  struct Slice {
    core::AlignedVector<float> re;
    core::AlignedVector<float> im;
    std::vector<PlacedAtom> atoms; ///< by rising y
    double near_axis = 0.0;        ///< atoms within are treated at their exact depth [coarse pixel]
    std::vector<float> cores;      ///< of each atom, exp(i sigma V) - 1 for ExactDepth
  };

  void place_field(const Scan& scan);
  void build_slice(std::vector<ProjectedAtom> atoms, const std::vector<AtomTemplate>& templates,
                   Slice& slice) const;
  /// Kind, place between coarse pixels along x and y, and height in its slice, all rounded.
  using EscapeKey = std::tuple<std::size_t, int, int, int>;
  [[nodiscard]] EscapeKey escape_key(const ProjectedAtom& atom) const;
  /// Escape modes of every key among the atoms.
  void prepare_escape(const SlicedSpecimen& specimen, const std::vector<AtomTemplate>& templates,
                      core::Threads threads);
  [[nodiscard]] AtomKind kind_of(const AtomTemplate& shape) const;
  /// Element and displacement class, and the displacement of that class [angstrom].
  [[nodiscard]] static std::pair<int, int> kind_key(const ProjectedAtom& atom);
  [[nodiscard]] static double displacement_of(const std::pair<int, int>& key);
  void keep_core(const core::AlignedVector<core::Complex>& scatter, int patch, PlacedAtom& atom,
                 Slice& slice) const;
  void finish_core(const PlacedAtom& atom, Slice& slice) const;
  /// The corrections of atoms of a slice near the axis of a passage into workspace.added.
  void correct_depths(const Slice& slice, const Passage& passage, Workspace& workspace) const;
  [[nodiscard]] SplitWave incident_wave(const ProbeOptions& probe, double depth) const;
  /// What scatters singly from each of count_.edges() to the detector's outer edge, added to `sum`: of the
  /// probe inside the window where it is not propagated, and of its tail outside.
  void scatter_in_window(int x, int y, std::vector<double>& sum) const;
  void scatter_in_tail(int x, int y, std::vector<double>& sum) const;
  /// Those of its rows that the window around a probe holds.
  [[nodiscard]] std::span<const PlacedAtom> atoms_near(const Slice& slice, int y) const;
  [[nodiscard]] double escaped(const Slice& slice, int x, int y, const SplitWave& wave) const;
  /// Slices around (x, y) from the first to the last that hold atoms.
  [[nodiscard]] std::pair<std::size_t, std::size_t> filled_slices(int x, int y) const;
  /// Puts the probe at (x, y) in front of the first slice that holds atoms around it.
  void start(int x, int y, Passage& passage) const;
  /// The waves, each in front of its first slice, go through their slices up to the last.
  void pass(std::span<Passage> passages, Workspace& workspace) const;
  void meet(std::size_t slice, Passage& passage, Workspace& workspace) const;
  void advance(const TransmissionView& transmission, std::span<const WavePatch> added, SplitWave& wave,
               FilterScratch& scratch) const;
  [[nodiscard]] Losses scattered_diffusely(const Slice& slice, int x, int y, const SplitWave& wave) const;
  /// Sets what the slices behind each atom do to the electrons that it scatters diffusely: the wave of a
  /// probe on the atom, less its mean, for the atom moved aside, goes on by multislice and is counted as any
  /// wave.
  void follow_diffuse(const std::vector<AtomTemplate>& templates, core::Threads threads);
  void follow_diffuse(const AtomTemplate& shape, std::size_t slice, std::size_t atom, const core::Fft2& fft,
                      Workspace& workspace);
  /// The nearest atom of the same element, in this slice or behind it, that was followed; none if all are
  /// far.
  struct Neighbour {
    const PlacedAtom* atom = nullptr;
    std::size_t slice = 0;
  };
  [[nodiscard]] std::optional<Neighbour> followed_neighbour(std::size_t slice, const PlacedAtom& atom) const;
  [[nodiscard]] std::vector<double> further_signals(double beyond, const std::vector<double>& lost,
                                                    const std::vector<double>& single) const;
  [[nodiscard]] TransmissionView view(const Slice& slice, int x, int y) const;

  int scan_n_ = 0;
  FastGrid grid_;
  ExitCount count_;
  int field_nx_ = 0; ///< coarse pixels of the transmission functions
  int field_ny_ = 0;
  int field_x0_ = 0; ///< coarse pixel, from the axis, of the field's first sample
  int field_y0_ = 0;
  std::vector<ProbeKind> kinds_;
  std::map<std::pair<int, int>, std::size_t> kind_numbers_; ///< by element and displacement class
  std::vector<AtomKind> atom_kinds_;
  std::map<EscapeKey, std::size_t> escape_numbers_;
  std::vector<core::AlignedVector<float>> escape_modes_; ///< as append_mode() leaves them
  bool diffuse_ = false;                                 ///< some atoms vibrate
  std::vector<Slice> slices_;
  std::vector<SplitWave> incident_; ///< probe centred in the window, at the plane of each slice
  std::vector<std::vector<double>> incident_inside_; ///< its part inside each edge, as the window sees it
  std::vector<AngleRange> further_;
  double convergence_mrad_ = 0.0;
  double aperture_ = 0.0;           ///< [1/angstrom]
  double wavelength_ = 0.0;         ///< [angstrom]
  std::optional<ExactDepth> depth_; ///< none if no atom is treated at its exact depth
  double slice_a_ = 0.0;            ///< thickness of a slice [angstrom]
  std::optional<SliceStep> step_;
  int steps_per_slice_ = 1;
};

} // namespace aet::stem
