// What `aetval analyze` adds to the analysis of a frame on request.
#pragma once

#include "analysis/moment/moment_analysis.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace aet::cli {

/// Columns gradient_x, gradient_y, gradient_z of alpha [1 / angstrom]; 0 where an atom has too few
/// neighbours.
void add_gradient_columns(analysis::MomentAnalysis& frame, core::Threads threads);

/// Columns voronoi_3 ... voronoi_6: faces with so many edges, faces below 1 % of the cell's surface left out.
void add_voronoi_columns(analysis::MomentAnalysis& frame);

/// Columns displacement_x .. of each atom from the rigid lattice of its grain [angstrom], strain_xx .. and
/// rotation_x .. [rad], strain_xx_sd .. where the atoms have standard errors (sd_x_pm, ...), strain_valid,
/// lattice_grain; and "lattice_grains" of the frame's JSON.
void add_strain_columns(analysis::MomentAnalysis& frame, core::Threads threads, nlohmann::json& object);

/// "laws" of each nucleus in the frame's JSON: every law of Zhou et al. 2019 and a diffuse interface fitted
/// to its profile, with the AIC that tells which describes it best.
void add_laws(const analysis::MomentAnalysis& frame, const analysis::ProfileFitOptions& options,
              nlohmann::json& object);

/// DIR/NAME_nucleus_K_alpha_0.3.ply and so on, the levels of Zhou et al. 2019's Fig. 3.
void write_contours(const analysis::MomentAnalysis& frame, const std::filesystem::path& dir);

} // namespace aet::cli
