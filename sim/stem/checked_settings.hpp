// Settings of the fast method that hold where the beam runs along columns of atoms.
//
// In general orientations set_accuracy() keeps its word. Along a column an error repeats itself at every
// atom, by how much depends on element, spacing and thickness, and no rule found so far tells it. So finer
// settings are taken there, and whether they suffice is measured: a few probes over the middle of the
// specimen are computed with them and with the finest.
#pragma once

#include "sim/core/parallel.hpp"
#include "sim/stem/view.hpp"

namespace aet::stem {

struct CheckedSettings {
  StemOptions options; ///< to image this view with
  bool along_columns = false;
  /// Expected deviation from multislice in thin slices, as a part of the mean signal. Along columns: from
  /// the finest settings, on the probes looked at, and that of those themselves; else the accuracy asked for,
  /// without a bias.
  double r1 = 0.0;
  double bias = 0.0;
};

/// Mean number of atoms within 0.4 A of an atom's column and 20 A of its height, from some 400 atoms weighted
/// by the square of their atomic number.
[[nodiscard]] double atoms_in_column(const core::Atoms& atoms, const core::Mat3& orientation);

/// What to image a view with.
/// \return the options themselves unless method = fast and fast.accuracy > 0.
/// \throws as simulate_image().
[[nodiscard]] CheckedSettings checked_settings(const View& view, const StemOptions& options,
                                               core::Threads threads);

} // namespace aet::stem
