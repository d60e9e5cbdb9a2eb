#include "sim/md/job.hpp"

#include "sim/core/config.hpp"
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace aet::md {

namespace {

using nlohmann::json;
constexpr int schema = 2;
constexpr double max_kelvin = 20000.0;
constexpr std::array all_ensembles{Ensemble::nve, Ensemble::nvt, Ensemble::npt, Ensemble::nph};

void require(bool ok, const std::string& where, const std::string& field, const std::string& value,
             const std::string& allowed) {
  if (!ok)
    throw core::ConfigError(
        fmt::format("MD job, {}: {} = {} is not allowed; use {}", where, field, value, allowed));
}

/// True for NaN-free min <= value <= max.
bool within(double value, double min, double max) {
  return value >= min && value <= max;
}

void require_range(double value, double min, double max, const std::string& where, const std::string& field) {
  require(within(value, min, max), where, field, fmt::format("{}", value), fmt::format("{} to {}", min, max));
}

bool is_plain_name(const std::string& name, std::size_t max_length, bool dots) {
  if (name.empty() || name.size() > max_length) return false;
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (dots && c == '.');
  };
  return name.front() != '-' && name.front() != '.' && std::all_of(name.begin(), name.end(), allowed);
}

/// Text as it may be shown in a message: no control characters.
std::string quoted(const std::string& text) {
  return json(text).dump(-1, ' ', true, json::error_handler_t::replace);
}

void validate_stage(const Stage& stage, std::size_t index) {
  const std::string where = fmt::format("stage {}", index + 1);
  require(is_plain_name(stage.name, 32, false), where, "name", quoted(stage.name),
          "1 to 32 characters of a-z, 0-9, _ and -");
  require_range(static_cast<double>(stage.steps), 0.0, 2.0e9, where, "steps");
  require_range(static_cast<double>(stage.thermo_every), 1.0, 2.0e9, where, "thermo_every");
  require(stage.frame_every >= 0 && stage.frame_every % stage.thermo_every == 0, where, "frame_every",
          fmt::format("{}", stage.frame_every),
          fmt::format("0 or a multiple of thermo_every ({})", stage.thermo_every));
  require(stage.watch_every >= 0 && stage.watch_every % stage.thermo_every == 0, where, "watch_every",
          fmt::format("{}", stage.watch_every),
          fmt::format("0 or a multiple of thermo_every ({})", stage.thermo_every));
  if (has_barostat(stage.ensemble)) {
    require_range(stage.pressure_bar, -1e6, 1e6, where, "pressure_bar");
    require_range(stage.pressure_damping_ps, 0.01, 1000.0, where, "pressure_damping_ps");
  }
  if (has_thermostat(stage.ensemble)) {
    require_range(stage.begin_k, 1.0, max_kelvin, where, "begin_k");
    require_range(stage.end_k, 1.0, max_kelvin, where, "end_k");
    require_range(stage.damping_ps, 1e-3, 100.0, where, "damping_ps");
  }
  if (stage.draw) {
    require_range(stage.draw->temperature_k, 0.0, max_kelvin, where, "draw.temperature_k");
    require_range(static_cast<double>(stage.draw->seed), 1.0, 2147483647.0, where, "draw.seed");
  }
}

void validate_atoms(const core::Atoms& atoms) {
  core::validate(atoms, "MD job");
  require(!atoms.positions.empty(), "atoms", "number", "0", "at least one atom");
  require(atoms.positions.size() <= 100'000'000, "atoms", "number", fmt::format("{}", atoms.positions.size()),
          "at most 100 million atoms");
  require(atoms.cell.has_value(), "cell", "cell", "none", "an orthogonal cell");
  const core::Mat3& edges = atoms.cell->vectors;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      if (i == j)
        require_range(edges(i, j), 1.0, 1e6, "cell", fmt::format("edge {}", i));
      else
        require(edges(i, j) == 0.0, "cell", fmt::format("component ({},{})", i, j),
                fmt::format("{}", edges(i, j)), "0: the cell must be orthogonal");
  for (std::size_t i = 0; i < atoms.positions.size(); ++i)
    for (int k = 0; k < 3; ++k)
      require(atoms.cell->periodic[static_cast<std::size_t>(k)] ||
                  std::abs(atoms.positions[i][k]) <= 0.5 * edges(k, k),
              fmt::format("atom {}", i), fmt::format("coordinate {}", k),
              fmt::format("{}", atoms.positions[i][k]),
              fmt::format("at most {} from the origin, or make the direction periodic", 0.5 * edges(k, k)));
  const auto has = [&](const char* name) { return atoms.columns.count(name) != 0; };
  require(has("vx") == has("vy") && has("vy") == has("vz"), "atoms", "velocities", "incomplete",
          "all of vx, vy, vz or none");
}

// --- JSON -------------------------------------------------------------------------------------

json stage_to_json(const Stage& stage) {
  json out{{"name", stage.name},
           {"ensemble", ensemble_name(stage.ensemble)},
           {"begin_k", stage.begin_k},
           {"end_k", stage.end_k},
           {"damping_ps", stage.damping_ps},
           {"pressure_bar", stage.pressure_bar},
           {"pressure_damping_ps", stage.pressure_damping_ps},
           {"coupling", stage.coupling == Coupling::iso ? "iso" : "z"},
           {"steps", stage.steps},
           {"draw", nullptr},
           {"remove_momentum", stage.remove_momentum},
           {"thermo_every", stage.thermo_every},
           {"frame_every", stage.frame_every},
           {"watch_every", stage.watch_every}};
  if (stage.draw)
    out["draw"] = json{{"temperature_k", stage.draw->temperature_k}, {"seed", stage.draw->seed}};
  return out;
}

/// A JSON object of which every key must be asked for.
class Object {
public:
  Object(const json& value, std::string source, std::string where)
      : value_(value), source_(std::move(source)), where_(std::move(where)) {
    if (!value_.is_object()) fail("is not a JSON object");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw core::ConfigError(fmt::format("MD job file {}: {} {}", source_, where_, what));
  }

  const json& at(const std::string& key) {
    known_.push_back(key);
    if (!value_.contains(key)) fail(fmt::format("lacks the key \"{}\"", key));
    return value_.at(key);
  }

  double number(const std::string& key) {
    const json& found = at(key);
    if (!found.is_number()) fail(fmt::format("key \"{}\" is not a number", key));
    return found.get<double>();
  }

  long integer(const std::string& key) {
    const json& found = at(key);
    if (!found.is_number_integer()) fail(fmt::format("key \"{}\" is not an integer", key));
    if (found.is_number_unsigned() &&
        found.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<long>::max()))
      fail(fmt::format("key \"{}\" is too large", key));
    return found.get<long>();
  }

  bool flag(const std::string& key) {
    const json& found = at(key);
    if (!found.is_boolean()) fail(fmt::format("key \"{}\" is not true or false", key));
    return found.get<bool>();
  }

  std::string text(const std::string& key) {
    const json& found = at(key);
    if (!found.is_string()) fail(fmt::format("key \"{}\" is not a text", key));
    return found.get<std::string>();
  }

  std::vector<double> numbers(const std::string& key) {
    const json& found = at(key);
    if (!found.is_array()) fail(fmt::format("key \"{}\" is not a list", key));
    std::vector<double> out;
    out.reserve(found.size());
    for (const json& entry : found) {
      if (!entry.is_number()) fail(fmt::format("key \"{}\" holds something that is not a number", key));
      out.push_back(entry.get<double>());
    }
    return out;
  }

  void reject_unknown() const {
    for (const auto& [key, unused] : value_.items()) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      const std::string nearest = core::nearest_word(key, known_);
      fail(fmt::format("has the unknown key {}{}", quoted(key),
                       nearest.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", nearest)));
    }
  }

private:
  const json& value_;
  std::string source_;
  std::string where_;
  std::vector<std::string> known_;
};

Stage stage_from_json(const json& value, const std::string& source, std::size_t index) {
  Object object(value, source, fmt::format("stage {}", index + 1));
  Stage stage;
  stage.name = object.text("name");
  const std::string ensemble = object.text("ensemble");
  const auto* const known = std::find_if(all_ensembles.begin(), all_ensembles.end(),
                                         [&](Ensemble e) { return ensemble_name(e) == ensemble; });
  if (known == all_ensembles.end())
    object.fail(
        fmt::format("key \"ensemble\" is {}; use \"nve\", \"nvt\", \"npt\" or \"nph\"", quoted(ensemble)));
  stage.ensemble = *known;
  stage.begin_k = object.number("begin_k");
  stage.end_k = object.number("end_k");
  stage.damping_ps = object.number("damping_ps");
  stage.pressure_bar = object.number("pressure_bar");
  stage.pressure_damping_ps = object.number("pressure_damping_ps");
  const std::string coupling = object.text("coupling");
  if (coupling != "iso" && coupling != "z")
    object.fail(fmt::format("key \"coupling\" is {}; use \"iso\" or \"z\"", quoted(coupling)));
  stage.coupling = coupling == "iso" ? Coupling::iso : Coupling::z;
  stage.steps = object.integer("steps");
  if (const json& draw = object.at("draw"); !draw.is_null()) {
    Object inner(draw, source, fmt::format("stage {}, draw,", index + 1));
    const long seed = inner.integer("seed");
    if (seed < 1 || seed > 2147483647)
      inner.fail(fmt::format("key \"seed\" is {}; use 1 to 2147483647", seed));
    stage.draw = DrawVelocities{inner.number("temperature_k"), static_cast<std::uint32_t>(seed)};
    inner.reject_unknown();
  }
  stage.remove_momentum = object.flag("remove_momentum");
  stage.thermo_every = object.integer("thermo_every");
  stage.frame_every = object.integer("frame_every");
  stage.watch_every = object.integer("watch_every");
  object.reject_unknown();
  return stage;
}

/// Three columns as one list x1 y1 z1 x2 ...
std::vector<double> interleave(const core::Atoms& atoms) {
  std::vector<double> out;
  out.reserve(3 * atoms.size());
  for (std::size_t i = 0; i < atoms.size(); ++i)
    for (const char* name : {"vx", "vy", "vz"})
      out.push_back(atoms.columns.at(name)[i]);
  return out;
}

void read_atoms(Object& object, core::Atoms& atoms) {
  const auto xyz = object.numbers("positions_a");
  const auto numbers = object.numbers("atomic_numbers");
  const auto edges = object.numbers("cell_a");
  const json& periodic = object.at("periodic");
  const json& velocities = object.at("velocities_a_per_ps");
  if (xyz.size() != 3 * numbers.size())
    object.fail(
        fmt::format("has {} coordinates for {} atoms; three each are needed", xyz.size(), numbers.size()));
  if (edges.size() != 3) object.fail("key \"cell_a\" needs three edge lengths");
  if (!periodic.is_array() || periodic.size() != 3 ||
      !std::all_of(periodic.begin(), periodic.end(), [](const json& p) { return p.is_boolean(); }))
    object.fail("key \"periodic\" needs three times true or false");
  core::Cell cell;
  for (int k = 0; k < 3; ++k) {
    cell.vectors(k, k) = edges[static_cast<std::size_t>(k)];
    cell.periodic[static_cast<std::size_t>(k)] = periodic[static_cast<std::size_t>(k)].get<bool>();
  }
  atoms.cell = cell;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!within(numbers[i], 1.0, 118.0) || std::floor(numbers[i]) != numbers[i])
      object.fail(fmt::format("atom {} has the atomic number {}; use 1 to 118", i, numbers[i]));
    atoms.positions.emplace_back(xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]);
    atoms.atomic_numbers.push_back(static_cast<int>(numbers[i]));
  }
  if (velocities.is_null()) return;
  const auto v = object.numbers("velocities_a_per_ps");
  if (v.size() != xyz.size()) object.fail("key \"velocities_a_per_ps\" needs three numbers an atom, or null");
  for (std::size_t i = 0; i < v.size(); ++i)
    atoms.columns[i % 3 == 0 ? "vx" : (i % 3 == 1 ? "vy" : "vz")].push_back(v[i]);
}

} // namespace

void validate(const Job& job) {
  validate_atoms(job.atoms);
  require(is_plain_name(job.potential, 64, true), "potential", "file", quoted(job.potential),
          "a plain file name of at most 64 characters of a-z, 0-9, _, - and .");
  require(job.timestep_ps > 0.0 && job.timestep_ps <= 1.0, "integration", "timestep_ps",
          fmt::format("{}", job.timestep_ps), "more than 0, at most 1");
  require(!job.stages.empty() && job.stages.size() <= 1000, "stages", "number",
          fmt::format("{}", job.stages.size()), "1 to 1000");
  for (std::size_t i = 0; i < job.stages.size(); ++i) {
    const Stage& stage = job.stages[i];
    validate_stage(stage, i);
    require(job.restart_every >= 0 && job.restart_every % stage.thermo_every == 0, "integration",
            "restart_every", fmt::format("{}", job.restart_every),
            fmt::format("0 or a multiple of every stage's thermo_every ({})", stage.thermo_every));
    const auto& periodic = job.atoms.cell->periodic;
    const bool moves =
        stage.coupling == Coupling::z ? periodic[2] : periodic[0] && periodic[1] && periodic[2];
    require(!has_barostat(stage.ensemble) || moves, fmt::format("stage {}", i + 1), "ensemble",
            ensemble_name(stage.ensemble),
            "nve or nvt where the directions the barostat moves are not periodic");
  }
  require(json::accept(job.description) && json::parse(job.description).is_object(), "description", "text",
          quoted(job.description.substr(0, 60)), "a JSON object");
}

std::string job_to_json(const Job& job) {
  validate(job);
  std::vector<double> xyz;
  xyz.reserve(3 * job.atoms.size());
  for (const core::Vec3& p : job.atoms.positions)
    xyz.insert(xyz.end(), {p.x(), p.y(), p.z()});
  const core::Mat3& edges = job.atoms.cell->vectors;
  json stages = json::array();
  for (const Stage& stage : job.stages)
    stages.push_back(stage_to_json(stage));
  json out{{"schema", schema},
           {"potential", job.potential},
           {"style", style_name(job.style)},
           {"timestep_ps", job.timestep_ps},
           {"dump_velocities", job.dump_velocities},
           {"restart_every", job.restart_every},
           {"stages", stages},
           {"cell_a", {edges(0, 0), edges(1, 1), edges(2, 2)}},
           {"periodic", job.atoms.cell->periodic},
           {"atomic_numbers", job.atoms.atomic_numbers},
           {"positions_a", xyz},
           {"velocities_a_per_ps", nullptr},
           {"description", json::parse(job.description)}};
  if (job.atoms.columns.count("vx") != 0) out["velocities_a_per_ps"] = interleave(job.atoms);
  return out.dump() + "\n";
}

Job job_from_json(const std::string& text, const std::string& source) {
  json root;
  try {
    root = json::parse(text);
  } catch (const json::exception& error) {
    throw core::ConfigError(fmt::format("MD job file {} is not JSON: {}", source, error.what()));
  }
  Object object(root, source, "the job");
  if (object.integer("schema") != schema) object.fail(fmt::format("has another schema than {}", schema));
  Job job;
  job.potential = object.text("potential");
  job.style = style_from_name(object.text("style"));
  job.timestep_ps = object.number("timestep_ps");
  job.dump_velocities = object.flag("dump_velocities");
  job.restart_every = object.integer("restart_every");
  const json& stages = object.at("stages");
  if (!stages.is_array()) object.fail("key \"stages\" is not a list");
  for (std::size_t i = 0; i < stages.size(); ++i)
    job.stages.push_back(stage_from_json(stages[i], source, i));
  read_atoms(object, job.atoms);
  job.description = object.at("description").dump();
  object.reject_unknown();
  validate(job);
  return job;
}

std::string ensemble_name(Ensemble ensemble) {
  switch (ensemble) {
  case Ensemble::nve:
    return "nve";
  case Ensemble::nvt:
    return "nvt";
  case Ensemble::npt:
    return "npt";
  case Ensemble::nph:
    return "nph";
  }
  return "nve";
}

long suitable_restart_every(std::size_t atoms, long multiple_of) {
  constexpr double atom_steps_between = 1.6e7;
  const double steps = atom_steps_between / static_cast<double>(std::max<std::size_t>(atoms, 1));
  return multiple_of * std::max(1L, std::lround(std::ceil(steps / static_cast<double>(multiple_of))));
}

double atom_steps(const Job& job) {
  double steps = 0.0;
  for (const Stage& stage : job.stages)
    steps += static_cast<double>(stage.steps);
  return steps * static_cast<double>(job.atoms.size());
}

std::vector<int> atom_types(const core::Atoms& atoms) {
  const std::set<int> different(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end());
  return {different.begin(), different.end()};
}

} // namespace aet::md
