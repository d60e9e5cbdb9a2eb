// The thermodynamic record of a run: thermo.csv.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aet::md {

struct ThermoRow {
  long step = 0;
  double time_ps = 0.0;
  double temperature_k = 0.0;
  double potential_ev_per_atom = 0.0;
  double total_ev = 0.0;
  double pressure_bar = 0.0; ///< of the whole box: meaningless for a droplet in vacuum
  std::string stage;
};

/// First line of thermo.csv.
[[nodiscard]] std::string thermo_header();

/// One line of thermo.csv, without the line end. Doubles are written so that they read back exactly.
[[nodiscard]] std::string thermo_line(const ThermoRow& row);

/// \throws DataError naming path and line.
[[nodiscard]] std::vector<ThermoRow> read_thermo(const std::filesystem::path& path);

/// Rows of one stage.
[[nodiscard]] std::vector<ThermoRow> rows_of_stage(const std::vector<ThermoRow>& rows,
                                                   const std::string& stage);

} // namespace aet::md
