#include "validation/cli/analyze_extras.hpp"

#include "analysis/chemistry/strain.hpp"
#include "analysis/nuclei/surface_sites.hpp"
#include "analysis/order/order_gradient.hpp"
#include "analysis/order/sensitivity.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <array>
#include <vector>

namespace aet::cli {

using nlohmann::json;

void add_gradient_columns(analysis::MomentAnalysis& frame, core::Threads threads) {
  const auto shell =
      core::neighbours_within(frame.atoms.positions, frame.atoms.cell, frame.neighbour_cutoff_a, threads);
  const auto gradient = analysis::order_gradient(shell, frame.atoms.columns.at("alpha"), threads);
  constexpr std::array names{"gradient_x", "gradient_y", "gradient_z"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::vector<double>& column = frame.atoms.columns[names.at(k)];
    column.clear();
    for (const core::Vec3& g : gradient.gradient)
      column.push_back(g[static_cast<Eigen::Index>(k)]);
  }
}

void add_voronoi_columns(analysis::MomentAnalysis& frame) {
  const auto cells =
      analysis::voronoi_cells(frame.atoms.positions, frame.atoms.cell, analysis::SensitivityOptions{}.cells);
  for (std::size_t edges = 3; edges <= 6; ++edges) {
    std::vector<double>& column = frame.atoms.columns[fmt::format("voronoi_{}", edges)];
    column.clear();
    for (const analysis::VoronoiCell& cell : cells)
      column.push_back(cell.index().at(edges - 3));
  }
}

void add_strain_columns(analysis::MomentAnalysis& frame, core::Threads threads, json& object) {
  auto& columns = frame.atoms.columns;
  const auto sites = analysis::lattice_sites(frame.atoms.positions, analysis::lattice_shell(frame, threads));
  std::vector<core::Vec3> errors;
  if (columns.contains("sd_x_pm") && columns.contains("sd_y_pm") && columns.contains("sd_z_pm"))
    for (std::size_t i = 0; i < frame.atoms.size(); ++i)
      errors.push_back(core::Vec3(columns["sd_x_pm"][i], columns["sd_y_pm"][i], columns["sd_z_pm"][i]) /
                       core::pm_per_a);
  const analysis::StrainField field =
      analysis::strain_field(frame.atoms.positions, sites, {}, errors, threads);
  const auto put = [&](const std::string& name, auto value) {
    std::vector<double>& column = columns[name];
    column.clear();
    for (std::size_t i = 0; i < frame.atoms.size(); ++i)
      column.push_back(value(i));
  };
  constexpr std::array axes{"x", "y", "z"};
  constexpr std::array parts{"xx", "yy", "zz", "yz", "xz", "xy"};
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const auto component = static_cast<Eigen::Index>(k);
    put(fmt::format("displacement_{}", axes.at(k)),
        [&](std::size_t i) { return field.displacement[i][component]; });
    put(fmt::format("rotation_{}", axes.at(k)), [&](std::size_t i) { return field.rotation[i][component]; });
  }
  for (std::size_t k = 0; k < parts.size(); ++k) {
    put(fmt::format("strain_{}", parts.at(k)), [&](std::size_t i) { return field.strain[i].at(k); });
    if (!field.strain_sd.empty())
      put(fmt::format("strain_{}_sd", parts.at(k)), [&](std::size_t i) { return field.strain_sd[i].at(k); });
  }
  put("strain_valid", [&](std::size_t i) { return static_cast<double>(field.valid[i]); });
  put("lattice_grain", [&](std::size_t i) { return static_cast<double>(sites.grain_of_atom[i]); });
  json& grains = object["lattice_grains"] = json::array();
  for (std::size_t g = 0; g < sites.grains.size(); ++g)
    grains.push_back(
        {{"atoms", sites.grains[g].atoms.size()}, {"displacement_rms_a", field.displacement_rms_a[g]}});
}

void add_laws(const analysis::MomentAnalysis& frame, const analysis::ProfileFitOptions& options,
              json& object) {
  const analysis::ProfileBounds bounds{options.alpha0_max, options.lambda_min_a, options.lambda_max_a,
                                       options.background};
  const std::vector<analysis::ProfileModel> laws{
      analysis::generalised_gaussian_model(bounds, options.beta_min, options.beta_max),
      analysis::linear_model(bounds), analysis::parabola_above_model(bounds),
      analysis::parabola_below_model(bounds), analysis::tanh_model(bounds)};
  for (std::size_t k = 0; k < frame.nuclei.size(); ++k) {
    json& list = object.at("nuclei").at(k)["laws"] = json::object();
    for (const analysis::ProfileModel& law : laws) {
      const auto result = analysis::fit_model(frame.nuclei[k].profile, law,
                                              {.confidence = options.confidence, .robust = options.robust});
      json& one = list[law.name];
      if (result.fit.empty()) {
        one = nullptr;
        list[law.name + "_reason"] = result.reason;
        continue;
      }
      const analysis::ModelFit& fit = result.fit.front();
      for (std::size_t p = 0; p < law.parameters.size(); ++p)
        one["parameters"][law.parameters[p]] = {{"value", fit.parameters[p]}, {"sd", fit.sd(p)}};
      one["rms"] = fit.rms;
      one["reduced_chi2"] = fit.reduced_chi2;
      one["aic"] = fit.aic;
    }
  }
}

void write_contours(const analysis::MomentAnalysis& frame, const std::filesystem::path& dir) {
  constexpr std::array levels{0.3, 0.5, 0.7};
  const std::vector<double>& alpha = frame.atoms.columns.at("alpha");
  for (std::size_t k = 0; k < frame.nuclei.size(); ++k) {
    const analysis::Nucleus& nucleus = frame.nuclei[k].nucleus;
    std::vector<core::Vec3> positions;
    std::vector<double> values;
    for (const std::size_t i : nucleus.atoms) {
      positions.push_back(
          core::nearest_image(frame.atoms.positions[i], nucleus.core_position, frame.atoms.cell));
      values.push_back(alpha[i]);
    }
    const auto surfaces = analysis::order_contours(positions, values, levels);
    for (std::size_t l = 0; l < levels.size(); ++l)
      core::write_file(dir / fmt::format("{}_nucleus_{}_alpha_{}.ply", frame.name, k, levels.at(l)),
                       analysis::ply_text(surfaces[l], fmt::format("{}, nucleus {}, alpha = {}", frame.name,
                                                                   k, levels.at(l))));
  }
}

} // namespace aet::cli
