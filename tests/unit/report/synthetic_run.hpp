// A run directory as the pipeline leaves it, made up from a formula: what the report is developed and tested
// against.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace aet::test {

struct SyntheticRun {
  std::size_t frames = 3;
  double radius_a = 12.7; ///< of an fcc platinum ball; 12.7 A holds about 580 atoms
  int box = 72;           ///< voxels and pixels along a side
  int tilts = 31;
  std::string title = "Platinum droplet, quenched";
};

/// Write every artefact (design.md, "Files") except the report. Existing files are replaced.
void write_synthetic_run(const std::filesystem::path& run_dir, const SyntheticRun& what = {});

} // namespace aet::test
