// Order and nuclei along a molecular dynamics run: what Zhou et al. 2019 shows of its simulations.
#pragma once

#include "analysis/moment/moment_analysis.hpp"
#include "sim/md/trajectory.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

/// One moment.
struct OrderRow {
  double time_ps = 0.0; ///< middle of the frames it is the mean of
  double alpha_mean = 0.0;
  double fraction_03 =
      0.0; ///< part of atoms with an order parameter of at least 0.3, the threshold of nuclei
  double fraction_05 = 0.0; ///< at least 0.5, which few atoms of a hot liquid reach
  std::size_t nuclei = 0;   ///< those of chance left out, where it was asked for
  std::size_t surface_nuclei =
      0; ///< of them, cores within AnalysisOptions::surface_site_depth_a of the surface
  double largest_effective_atoms = 0.0;
  /// Part of all atoms that lie nearer to the centre than a nucleus' core, mean over the nuclei: 0.5 if cores
  /// are spread like atoms, 1 if all are at the surface. None without nuclei or in a periodic box.
  std::optional<double> core_rank;
};

[[nodiscard]] OrderRow order_row(const analysis::MomentAnalysis& frame, double time_ps);

/// Consecutive frames as atoms, for analysis::analyze_frames() (Zhou et al. 2019: ten, 1 ps apart).
/// \param in_box  the atoms fill their periodic box.
/// \throws DataError for no frames.
[[nodiscard]] std::vector<core::Atoms> block_frames(const md::Trajectory& frames, std::size_t first,
                                                    std::size_t count, bool in_box);

/// As CSV with a header line, by time.
[[nodiscard]] std::string order_csv(const std::vector<OrderRow>& rows);

/// \throws DataError naming path and line.
[[nodiscard]] std::vector<OrderRow> read_order_csv(const std::filesystem::path& path);

/// Growing, dissolving and fluctuating nuclei, merges, divisions, nucleations and dissolutions, as one JSON
/// object of counts.
[[nodiscard]] std::string dynamics_counts(const analysis::Dynamics& dynamics);

/// Keeps a file of rows up to date while a run goes on; a moment seen again replaces itself.
class OrderRecord {
public:
  /// Takes over what an interrupted run left.
  /// \throws DataError if that cannot be read.
  OrderRecord(std::filesystem::path path, analysis::AnalysisOptions options, core::Threads threads,
              bool in_box);
  /// \throws as analysis::analyze_moment(), ExternalError if the disk is full.
  void add(const md::Trajectory& block);

private:
  std::filesystem::path path_;
  analysis::AnalysisOptions options_;
  core::Threads threads_;
  bool in_box_;
  std::map<double, OrderRow> rows_;
};

} // namespace aet::validation
