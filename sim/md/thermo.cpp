#include "sim/md/thermo.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_lines.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace aet::md {

namespace {

template <class T> bool parse(std::string_view word, T& value) {
  const auto parsed = core::parse_word<T>(word);
  if (parsed) value = *parsed;
  return parsed.has_value();
}

bool parse_row(std::string_view line, ThermoRow& row) {
  const std::vector<std::string_view> cells = core::split_fields(line, ',');
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
  const std::string text = core::read_file(path);
  const std::vector<std::string_view> lines = core::split_lines(text);
  if (lines.empty() || lines.front() != thermo_header())
    throw core::DataError(
        fmt::format("thermo record {}: line 1 is not \"{}\"", path.string(), thermo_header()));
  std::vector<ThermoRow> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    ThermoRow row;
    if (!parse_row(lines[i], row))
      throw core::DataError(
          fmt::format("thermo record {}, line {}: \"{}\" is not seven values separated by commas",
                      path.string(), i + 1, lines[i].substr(0, 80)));
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
