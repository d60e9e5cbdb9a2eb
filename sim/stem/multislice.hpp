// The reference: conventional multislice on a grid that carries the whole detector.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/fft.hpp"
#include "sim/stem/atom_template.hpp"
#include "sim/stem/detector.hpp"
#include "sim/stem/probe.hpp"
#include "sim/stem/specimen.hpp"

#include <map>
#include <optional>
#include <vector>

namespace aet::stem {

/// Free propagation of a periodic wave, in Fourier space, with a circular band limit.
class FresnelPropagator {
public:
  /// \param n samples a side.
  /// \param side [angstrom].
  /// \param band_limit [1/angstrom]: beyond it waves are removed.
  FresnelPropagator(int n, double side, double wavelength, double distance, double band_limit);

  /// spectrum[iy * n + ix] x exp(-i pi lambda distance q^2) inside the band limit, 0 outside; also divided by
  /// n^2, so that Fft2 forward, apply, Fft2 backward has the scale of its input.
  void apply(core::Complex* spectrum) const;

private:
  int n_;
  std::vector<core::Complex> phase_; ///< along either axis
  std::vector<int> row_half_width_;  ///< largest |kx| kept in each row; -1: none
  float scale_;
};

/// Multislice of single probes. Thread-safe after construction with one Workspace a thread.
/// Source: Kirkland, Advanced Computing in Electron Microscopy, ch. 6 and 7.
class ReferenceImager {
public:
  struct Workspace {
    core::AlignedVector<core::Complex> wave;
  };

  /// Fraction of the probe that ends in each part of the diffraction pattern.
  struct Result {
    double annulus = 0.0;        ///< the detector's signal
    double inside = 0.0;         ///< inside its inner edge
    double total = 0.0;          ///< everything inside the band limit
    std::vector<double> further; ///< one value for each further range, then for each ring of the pattern
  };

  /// \throws core::ConfigError if atoms or probes lie outside a cell given in the options.
  ReferenceImager(const SlicedSpecimen& specimen, const Scan& scan, const StemOptions& options,
                  core::Threads threads);

  [[nodiscard]] Workspace workspace() const;
  /// Probe at (x, y) [angstrom].
  [[nodiscard]] Result probe(double x, double y, Workspace& workspace) const;

  [[nodiscard]] int cell_samples() const { return n_cell_; }
  [[nodiscard]] int window_samples() const { return n_; }
  [[nodiscard]] double pixel() const { return pixel_; }

private:
  void build_transmissions(const SlicedSpecimen& specimen, const StemOptions& options, core::Threads threads);

  /// t <- t x exp(i sigma V) of each atom, periodic.
  void multiply_atoms(const std::vector<ProjectedAtom>& atoms, const std::map<int, AtomTemplate>& templates,
                      core::AlignedVector<core::Complex>& t) const;

  int n_cell_ = 0;     ///< samples of the cell a side
  int n_ = 0;          ///< samples of the propagated window a side
  double pixel_ = 0.0; ///< [angstrom]
  ProbeNorm norm_ = ProbeNorm::aperture;
  double band_limit_ = 0.0;                                       ///< [1/angstrom]
  std::vector<core::AlignedVector<core::Complex>> transmissions_; ///< of non-empty slices, on the cell
  std::vector<double> depths_;                 ///< of their planes behind the focus [angstrom]
  std::vector<FresnelPropagator> propagators_; ///< from each plane to the next
  std::optional<core::Fft2> fft_;
  std::optional<ProbeWave> wave_;
  std::vector<float> detector_weight_;            ///< n x n
  std::vector<float> inside_weight_;              ///< n x n
  std::vector<std::vector<float>> range_weights_; ///< of each further range, n x n
  std::vector<int> ring_; ///< of each Fourier sample, -1 for none; empty without pattern
  int rings_ = 0;
  std::vector<double> undisturbed_part_; ///< of the incident beam, in each further range and ring
  bool windowed_ = false;
};

/// Grid of the reference mode, before anything is computed.
struct ReferenceGrid {
  int n_cell = 0;
  int n_window = 0;
  double pixel = 0.0; ///< [angstrom]
};

/// \param half_extent largest |x| or |y| of any atom or probe [angstrom].
[[nodiscard]] ReferenceGrid reference_grid(double half_extent, const StemOptions& options);

} // namespace aet::stem
