#include "sim/md/thermo.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>

namespace aet::md {

namespace {

template <class T> bool parse(const std::string& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_row(const std::string& line, ThermoRow& row) {
  std::istringstream stream(line);
  std::vector<std::string> cells;
  for (std::string cell; std::getline(stream, cell, ',');)
    cells.push_back(cell);
  if (cells.size() != 7) return false;
  row.stage = cells[6];
  return parse(cells[0], row.step) && parse(cells[1], row.time_ps) && parse(cells[2], row.temperature_k) &&
         parse(cells[3], row.potential_ev_per_atom) && parse(cells[4], row.total_ev) &&
         parse(cells[5], row.pressure_bar);
}

} // namespace

std::string thermo_header() {
  return "step,time_ps,temperature_k,potential_ev_per_atom,total_ev,pressure_bar,stage";
}

std::string thermo_line(const ThermoRow& row) {
  return fmt::format("{},{},{},{},{},{},{}", row.step, row.time_ps, row.temperature_k,
                     row.potential_ev_per_atom, row.total_ev, row.pressure_bar, row.stage);
}

std::vector<ThermoRow> read_thermo(const std::filesystem::path& path) {
  std::istringstream stream(core::read_file(path));
  std::string line;
  if (!std::getline(stream, line) || line != thermo_header())
    throw core::DataError(
        fmt::format("thermo record {}: line 1 is not \"{}\"", path.string(), thermo_header()));
  std::vector<ThermoRow> rows;
  for (long number = 2; std::getline(stream, line); ++number) {
    ThermoRow row;
    if (!parse_row(line, row))
      throw core::DataError(
          fmt::format("thermo record {}, line {}: \"{}\" is not seven values separated by commas",
                      path.string(), number, line.substr(0, 80)));
    rows.push_back(row);
  }
  return rows;
}

std::vector<ThermoRow> rows_of_stage(const std::vector<ThermoRow>& rows, const std::string& stage) {
  std::vector<ThermoRow> out;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(out),
               [&](const ThermoRow& row) { return row.stage == stage; });
  return out;
}

} // namespace aet::md
