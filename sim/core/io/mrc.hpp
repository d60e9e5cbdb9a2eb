// MRC2014 images stacks and volumes (Cheng et al., J. Struct. Biol. 192, 146 (2015)).
#pragma once

#include "sim/core/grid.hpp"

#include <filesystem>
#include <vector>

namespace aet::core {

struct MrcStack {
  std::vector<Image> images;
  double pixel_size = 0.0;   ///< along x [angstrom]; 0 if the header does not say
  double pixel_height = 0.0; ///< along y [angstrom]; 0 if the header does not say
};

/// Read sections as images. Modes 0 (int8), 1 (int16), 2 (float32) and 6 (uint16); either byte
/// order; extended headers are skipped. A mode-0 file is signed unless IMOD's stamp says otherwise.
/// \throws DataError naming the path for a truncated file, other modes or an impossible header.
[[nodiscard]] MrcStack read_mrc_stack(const std::filesystem::path& path);

/// Read as one volume; voxel_size is 1 if the header does not say.
/// \throws as read_mrc_stack, and if voxels are not cubic.
[[nodiscard]] Volume read_mrc_volume(const std::filesystem::path& path);

/// Float32, ISPG = 0, true statistics, no extended header.
/// \throws DataError if shapes differ, ExternalError if not written.
void write_mrc_stack(const std::filesystem::path& path, const std::vector<Image>& images, double pixel_size);

/// Float32, ISPG = 1, origin header words such that voxel n/2 is at 0.
/// \throws ExternalError if not written.
void write_mrc_volume(const std::filesystem::path& path, const Volume& volume);

} // namespace aet::core
