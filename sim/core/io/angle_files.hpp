// Orientations of a tilt series from the files that people have.
#pragma once

#include "sim/core/io/numeric_array.hpp"
#include "sim/core/tilt_series.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aet::core {

/// What the numbers (phi, theta, psi) [degree] of an orientation mean. R is ours: r' = R r, image summed over
/// z'. A single column holds theta; phi = psi = 0.
enum class AngleConvention {
  automatic, ///< what the file says; else stage for one angle a line of text, resire for an array of numbers
  stage,     ///< R = Rz(phi) Ry(theta) Rx(psi)
  resire,    ///< its transpose: RESIRE, and the coordinates published with it
  genfire    ///< R = (Rz(phi) Ry(theta) Rz(psi))^T: GENFIRE, MATLAB and Python
};

/// "automatic", "stage", "resire", "genfire".
/// \throws ConfigError for another name.
[[nodiscard]] AngleConvention angle_convention_from(const std::string& name);
[[nodiscard]] std::string angle_convention_name(AngleConvention convention);

struct Orientations {
  std::vector<Mat3> rotations;
  AngleConvention convention = AngleConvention::stage; ///< the one that was used
  std::vector<Vec2> shifts;                            ///< as in TiltSeries; empty where the file has none
  PoseSource poses = PoseSource::given;
};

/// N x 1, 1 x N, N x 3 or (if N is not 3) 3 x N angles.
/// \throws DataError naming `source` for another shape or an angle beyond 360 degrees, infinite or NaN.
[[nodiscard]] Orientations orientations_from(const NumericArray& angles, AngleConvention convention,
                                             const std::string& source);

/// .rawtlt, .tlt, .txt (one or three numbers a line, # starts a comment), .npy, .mat with an array named
/// angles, angle or euler_angles (or only one array), or a .json that describes a series
/// (series_description.hpp), whose shifts are read too. A comment "angle convention: NAME" says what the
/// numbers of a text file mean.
/// \throws DataError naming path, and line or arrays found; for three angles a line of text of which neither
///   the file nor `convention` says what they mean; for a file that says otherwise than `convention`.
[[nodiscard]] Orientations read_angles(const std::filesystem::path& path, AngleConvention convention);

/// A text file that read_angles() takes: the convention, then phi, theta, psi [degree] a line.
/// \throws ExternalError if it cannot be written.
void write_angles(const std::filesystem::path& path, const std::vector<Mat3>& orientations);

} // namespace aet::core
