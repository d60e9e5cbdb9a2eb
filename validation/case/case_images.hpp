// Table [images] of a case: which tilt series are made of every moment, and what the microscope does to them.
#pragma once

#include "sim/core/config.hpp"
#include "sim/stem/instrument.hpp"
#include "sim/stem/membrane.hpp"
#include "sim/stem/microscope.hpp"
#include "sim/stem/tilt_imaging.hpp"
#include "validation/case/image_files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace aet::validation {

/// phonons = "trajectory": displacements of all atoms together, as molecular dynamics has them.
struct PhononTrajectory {
  std::vector<std::filesystem::path>
      files; ///< one a moment, as in the case; none: what the truth was made of
};

/// [images]: the tilt series of every moment.
struct ImagesCase {
  std::optional<ImageFiles> files; ///< taken images: nothing below is simulated; field and tilts are theirs
  std::vector<core::Mat3> orientations;              ///< nominal, one a tilt
  std::vector<double> tilts_deg;                     ///< of a single-axis series [degree]; else empty
  std::filesystem::path angles_file;                 ///< the orientations were read from; empty: from none
  stem::TiltSeriesOptions series;                    ///< without orientations until of_frame()
  std::optional<PhononTrajectory> phonon_trajectory; ///< in the place of independent atoms; configurations
                                                     ///< and pairs of them as series.stem says
  stem::MembraneOptions membrane;
  stem::MicroscopeOptions microscope;
  stem::NoiseOptions noise;   ///< none until of_frame()
  bool keep_exposures = true; ///< write every exposure where there are several a tilt

  /// The same with the nominal orientations, the noise and the random streams of one moment.
  [[nodiscard]] ImagesCase of_frame(int frame, const stem::NoiseOptions& counted = {}) const;
};

/// \throws core::ConfigError naming file, line, key, value and what is allowed.
[[nodiscard]] ImagesCase read_images(const core::ConfigSection& section, std::uint64_t seed);

/// [images.noise]; a total dose is shared among the tilts.
/// \throws core::ConfigError as read_images().
[[nodiscard]] stem::NoiseOptions read_noise(const core::ConfigSection& section, std::size_t tilts,
                                            std::uint64_t seed);

/// Files that were read to make `images`, and those that their series will be read from; absolute.
[[nodiscard]] std::vector<std::filesystem::path> image_inputs(const ImagesCase& images);

/// Moments of the trajectory that are needed for one image: half as many as configurations where each is
/// taken with its opposite.
[[nodiscard]] int snapshots_needed(const ImagesCase& images);

/// Checks of what several keys say together.
/// \throws core::ConfigError.
void validate(const ImagesCase& images, const stem::NoiseOptions& noise);

} // namespace aet::validation
