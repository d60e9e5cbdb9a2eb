#include "validation/synthesis/md_order.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_lines.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace aet::validation {

namespace {

constexpr const char* csv_header =
    "time_ps,alpha_mean,fraction_03,fraction_05,nuclei,surface_nuclei,largest_effective_atoms,core_rank";

double part_at_least(const std::vector<double>& alpha, double threshold) {
  const auto count = std::count_if(alpha.begin(), alpha.end(), [&](double a) { return a >= threshold; });
  return static_cast<double>(count) / static_cast<double>(alpha.size());
}

/// Not what chance makes as well.
bool is_left(const analysis::NucleusReport& n) {
  return !n.chance || *n.chance <= analysis::max_chance;
}

/// Mean over the nuclei that are left, at least one.
double mean_core_rank(const analysis::MomentAnalysis& frame) {
  double sum = 0.0;
  double count = 0.0;
  for (const analysis::NucleusReport& n : frame.nuclei) {
    if (!is_left(n)) continue;
    sum += analysis::core_rank(frame.atoms.positions, n.nucleus.core_position);
    count += 1.0;
  }
  return sum / count;
}

bool is_periodic(const core::Atoms& atoms) {
  return atoms.cell && (atoms.cell->periodic[0] || atoms.cell->periodic[1] || atoms.cell->periodic[2]);
}

} // namespace

OrderRow order_row(const analysis::MomentAnalysis& frame, double time_ps) {
  const std::vector<double>& alpha = frame.atoms.columns.at("alpha");
  OrderRow row;
  row.time_ps = time_ps;
  row.alpha_mean = frame.alpha_mean;
  row.fraction_03 = part_at_least(alpha, 0.3);
  row.fraction_05 = part_at_least(alpha, 0.5);
  for (const analysis::NucleusReport& n : frame.nuclei) {
    if (!is_left(n)) continue;
    ++row.nuclei;
    if (n.site == analysis::Site::surface) ++row.surface_nuclei;
    row.largest_effective_atoms = std::max(row.largest_effective_atoms, n.nucleus.effective_atoms);
  }
  if (row.nuclei > 0 && !is_periodic(frame.atoms)) row.core_rank = mean_core_rank(frame);
  return row;
}

std::vector<core::Atoms> block_frames(const md::Trajectory& frames, std::size_t first, std::size_t count,
                                      bool in_box) {
  std::vector<core::Atoms> block;
  for (std::size_t f = first; f < first + count; ++f) {
    block.push_back(in_box ? md::frame_in_box(frames, f) : md::frame_atoms(frames, f));
    block.back().columns.clear();
  }
  return block;
}

std::string order_csv(const std::vector<OrderRow>& rows) {
  std::string out = std::string(csv_header) + "\n";
  for (const OrderRow& r : rows)
    out += fmt::format("{},{},{},{},{},{},{},{}\n", r.time_ps, r.alpha_mean, r.fraction_03, r.fraction_05,
                       r.nuclei, r.surface_nuclei, r.largest_effective_atoms,
                       r.core_rank ? fmt::format("{}", *r.core_rank) : std::string());
  return out;
}

std::vector<OrderRow> read_order_csv(const std::filesystem::path& path) {
  const std::string text = core::read_file(path);
  const std::vector<std::string_view> lines = core::split_lines(text);
  const auto bad = [&](std::size_t number) {
    const std::string_view line = number > lines.size() ? "" : lines[number - 1].substr(0, 60);
    throw core::DataError(fmt::format("order record {}, line {}: \"{}\" is not what {} holds", path.string(),
                                      number, line, csv_header));
  };
  if (lines.empty() || lines.front() != csv_header) bad(1);
  std::vector<OrderRow> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::array<double, 8> v{};
    const std::vector<std::string_view> cells = core::split_fields(lines[i], ',');
    if (cells.size() != v.size()) bad(i + 1);
    const bool ranked = !cells.back().empty();
    for (std::size_t c = 0; c < v.size() - (ranked ? 0 : 1); ++c) {
      const auto value = core::parse_word(cells[c]);
      if (!value) bad(i + 1);
      v[c] = *value;
    }
    rows.push_back({v[0], v[1], v[2], v[3], static_cast<std::size_t>(v[4]), static_cast<std::size_t>(v[5]),
                    v[6], ranked ? std::optional(v[7]) : std::nullopt});
  }
  return rows;
}

std::string dynamics_counts(const analysis::Dynamics& dynamics) {
  nlohmann::json out{{"common_nuclei", dynamics.common.size()},
                     {"growing", 0},
                     {"dissolving", 0},
                     {"fluctuating", 0},
                     {"merges", 0},
                     {"divisions", 0},
                     {"nucleations", 0},
                     {"dissolutions", 0}};
  const auto count = [&](const char* key) { out[key] = out[key].get<int>() + 1; };
  for (const analysis::CommonNucleus& n : dynamics.common)
    count(n.kind == analysis::NucleusClass::growing      ? "growing"
          : n.kind == analysis::NucleusClass::dissolving ? "dissolving"
                                                         : "fluctuating");
  for (const analysis::Event& e : dynamics.events)
    count(e.kind == analysis::EventKind::merge      ? "merges"
          : e.kind == analysis::EventKind::divide   ? "divisions"
          : e.kind == analysis::EventKind::nucleate ? "nucleations"
                                                    : "dissolutions");
  return out.dump();
}

OrderRecord::OrderRecord(std::filesystem::path path, analysis::AnalysisOptions options, core::Threads threads,
                         bool in_box)
    : path_(std::move(path)), options_(std::move(options)), threads_(threads), in_box_(in_box) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path_, ignored))
    for (const OrderRow& row : read_order_csv(path_))
      rows_[row.time_ps] = row;
}

void OrderRecord::add(const md::Trajectory& block) {
  const double time_ps = 0.5 * (block.times_ps.front() + block.times_ps.back());
  const std::vector<core::Atoms> frames = block_frames(block, 0, block.size(), in_box_);
  rows_[time_ps] = order_row(analysis::analyze_frames(frames, options_, threads_), time_ps);
  std::vector<OrderRow> all;
  for (const auto& [time, row] : rows_)
    all.push_back(row);
  core::write_file(path_, order_csv(all));
}

} // namespace aet::validation
