// Table [images] of a case: which tilt series are made of every moment, and what the microscope does to them.
#pragma once

#include "sim/core/config.hpp"
#include "sim/stem/instrument.hpp"
#include "sim/stem/microscope.hpp"
#include "sim/stem/tilt_imaging.hpp"
#include "validation/case/image_files.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

/// [images]: the tilt series of every moment.
struct ImagesCase {
  std::optional<ImageFiles> files; ///< taken images: nothing below is simulated; field and tilts are theirs
  std::vector<core::Mat3> orientations; ///< nominal, one a tilt
  std::vector<double> tilts_deg;        ///< of a single-axis series [degree]; else empty
  std::string angles_from_file;         ///< what a file of angles held; empty without one
  stem::TiltSeriesOptions series;       ///< without orientations until of_frame()
  stem::MicroscopeOptions microscope;
  stem::NoiseOptions noise;
  bool keep_frames = true; ///< write every exposure where there are several a tilt

  /// The same with the nominal orientations and the random streams of one moment.
  [[nodiscard]] ImagesCase of_frame(int frame) const;
};

/// \throws core::ConfigError naming file, line, key, value and what is allowed.
[[nodiscard]] ImagesCase read_images(const core::ConfigSection& section, std::uint64_t seed);

/// Checks of what several keys say together. \throws core::ConfigError.
void validate(const ImagesCase& images);

} // namespace aet::validation
