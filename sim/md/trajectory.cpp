#include "sim/md/trajectory.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/md/gz_handle.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace aet::md {

namespace {

/// Lines of a file that may be compressed, with their numbers.
class LineReader {
public:
  explicit LineReader(const std::filesystem::path& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (!file_)
      throw core::DataError(
          fmt::format("trajectory {}: cannot be opened ({})", path.string(), std::strerror(errno)));
    gzbuffer(file_.get(), 1U << 18U);
  }

  /// False at the end of the file.
  bool next(std::string& line) {
    line.clear();
    ++number_;
    while (true) {
      if (gzgets(file_.get(), buffer_.data(), static_cast<int>(buffer_.size())) == nullptr) {
        int code = Z_OK;
        gzerror(file_.get(), &code);
        if (code != Z_OK && code != Z_STREAM_END) fail("is damaged or cut short");
        return !line.empty();
      }
      line += buffer_.data();
      if (!line.empty() && line.back() == '\n') {
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
          line.pop_back();
        return true;
      }
    }
  }

  void need(std::string& line) {
    if (!next(line)) fail("ends within a frame");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw core::DataError(fmt::format("trajectory {}, line {}: {}", path_.string(), number_, what));
  }

private:
  std::filesystem::path path_;
  GzHandle file_;
  std::array<char, 4096> buffer_{};
  long number_ = 0;
};

/// Split at blanks.
void split(std::string_view line, std::vector<std::string_view>& words) {
  words.clear();
  std::size_t at = 0;
  while (true) {
    at = line.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return;
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
}

template <class T> T parse(const LineReader& reader, std::string_view word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size())
    reader.fail(fmt::format("\"{}\" is not a number", word.substr(0, 40)));
  return value;
}

struct Columns {
  std::size_t id = 0;
  std::size_t element = 0;
  std::array<std::size_t, 3> position{};
  std::optional<std::array<std::size_t, 3>> velocity;
  std::size_t count = 0;
};

Columns find_columns(const LineReader& reader, const std::vector<std::string_view>& names) {
  const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return std::nullopt;
    return static_cast<std::size_t>(at - names.begin());
  };
  const auto triple =
      [&](std::array<std::string_view, 3> wanted) -> std::optional<std::array<std::size_t, 3>> {
    std::array<std::size_t, 3> found{};
    for (std::size_t k = 0; k < 3; ++k) {
      const auto at = find(wanted[k]);
      if (!at) return std::nullopt;
      found[k] = *at;
    }
    return found;
  };
  Columns columns;
  const auto id = find("id");
  const auto element = find("element");
  auto position = triple({"xu", "yu", "zu"});
  if (!position) position = triple({"x", "y", "z"});
  if (!id || !element || !position) reader.fail("the columns id, element and xu yu zu (or x y z) are needed");
  columns.id = *id;
  columns.element = *element;
  columns.position = *position;
  columns.velocity = triple({"vx", "vy", "vz"});
  columns.count = names.size();
  return columns;
}

/// What stands before the atoms of a frame.
struct Header {
  long step = 0;
  std::optional<double> time_ps;
  std::size_t atoms = 0;
  core::Cell cell;
  Columns columns;
};

void read_box(LineReader& reader, std::string& line, const std::vector<std::string_view>& words,
              core::Cell& cell) {
  if (words.size() > 6) reader.fail("the cell is tilted; only orthogonal cells are read");
  for (std::size_t k = 0; k < 3; ++k)
    cell.periodic[k] = words.size() == 6 && words[3 + k] == "pp";
  std::vector<std::string_view> bounds;
  for (int k = 0; k < 3; ++k) {
    reader.need(line);
    split(line, bounds);
    if (bounds.size() != 2) reader.fail("a box line needs two numbers");
    cell.vectors(k, k) = parse<double>(reader, bounds[1]) - parse<double>(reader, bounds[0]);
  }
}

/// Reads up to and including "ITEM: ATOMS ..."; false at the end of the file.
bool read_header(LineReader& reader, Header& header) {
  std::string line;
  if (!reader.next(line)) return false;
  header.time_ps.reset();
  std::vector<std::string_view> words;
  while (true) {
    const std::string item = line; // `line` is reused below
    split(item, words);
    if (words.size() < 2 || words[0] != "ITEM:")
      reader.fail(fmt::format("\"{}\" found where a line ITEM: ... belongs", item.substr(0, 40)));
    if (words[1] == "TIMESTEP") {
      reader.need(line);
      header.step = parse<long>(reader, line);
    } else if (words[1] == "TIME") {
      reader.need(line);
      header.time_ps = parse<double>(reader, line);
    } else if (words[1] == "UNITS") {
      reader.need(line);
      if (line != "metal")
        reader.fail(fmt::format("units are \"{}\"; only metal units are read", line.substr(0, 40)));
    } else if (words[1] == "NUMBER") {
      reader.need(line);
      header.atoms = parse<std::size_t>(reader, line);
    } else if (words[1] == "BOX") {
      read_box(reader, line, words, header.cell);
    } else if (words[1] == "ATOMS") {
      header.columns = find_columns(reader, {words.begin() + 2, words.end()});
      return true;
    } else {
      reader.fail(fmt::format("the section {} is not known", item.substr(0, 40)));
    }
    reader.need(line);
  }
}

/// One frame's atoms, with their ids and elements, as they stand in the file.
struct RawAtoms {
  std::vector<std::pair<long, std::size_t>> order; ///< id, line
  std::vector<int> atomic_numbers;
  std::vector<core::Vec3> positions;
  std::vector<core::Vec3> velocities;
};

RawAtoms read_atoms(LineReader& reader, const Header& header) {
  RawAtoms raw;
  std::string line;
  std::vector<std::string_view> words;
  std::string last_symbol;
  int last_number = 0;
  const auto vector_of = [&](const std::array<std::size_t, 3>& columns) {
    return core::Vec3(parse<double>(reader, words[columns[0]]), parse<double>(reader, words[columns[1]]),
                      parse<double>(reader, words[columns[2]]));
  };
  for (std::size_t i = 0; i < header.atoms; ++i) {
    reader.need(line);
    split(line, words);
    if (words.size() != header.columns.count)
      reader.fail(fmt::format("{} columns found, {} announced", words.size(), header.columns.count));
    raw.order.emplace_back(parse<long>(reader, words[header.columns.id]), i);
    raw.positions.push_back(vector_of(header.columns.position));
    if (header.columns.velocity) raw.velocities.push_back(vector_of(*header.columns.velocity));
    if (const auto symbol = words[header.columns.element]; symbol != last_symbol) {
      last_symbol = symbol;
      last_number = core::atomic_number(last_symbol);
    }
    raw.atomic_numbers.push_back(last_number);
  }
  std::sort(raw.order.begin(), raw.order.end());
  return raw;
}

void append_frame(const LineReader& reader, const Header& header, const RawAtoms& raw, double timestep_ps,
                  Trajectory& out) {
  std::vector<int> numbers;
  Frame frame;
  frame.step = header.step;
  const core::Vec3 edges = header.cell.vectors.diagonal();
  if (!out.frames.empty() && edges != out.cell.vectors.diagonal()) frame.edges = edges;
  for (const auto& [id, line] : raw.order) {
    numbers.push_back(raw.atomic_numbers[line]);
    frame.positions.push_back(raw.positions[line]);
    if (!raw.velocities.empty()) frame.velocities.push_back(raw.velocities[line]);
  }
  if (out.frames.empty()) {
    out.atomic_numbers = numbers;
    out.cell = header.cell;
  } else if (numbers != out.atomic_numbers) {
    reader.fail(fmt::format("the frame has other atoms ({}) than the first one ({})", numbers.size(),
                            out.atomic_numbers.size()));
  }
  if (!header.time_ps && !(timestep_ps > 0.0))
    reader.fail("the file holds no times (ITEM: TIME); give the time step");
  out.times_ps.push_back(header.time_ps ? *header.time_ps : static_cast<double>(header.step) * timestep_ps);
  out.frames.push_back(std::move(frame));
}

const Frame& frame_at(const Trajectory& trajectory, std::size_t index) {
  if (index >= trajectory.frames.size())
    throw core::DataError(
        fmt::format("frame {} was asked for; the trajectory has {} frames", index, trajectory.frames.size()));
  return trajectory.frames[index];
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void add_velocities(const Frame& frame, core::Atoms& atoms) {
  for (const core::Vec3& v : frame.velocities) {
    atoms.columns["vx"].push_back(v.x());
    atoms.columns["vy"].push_back(v.y());
    atoms.columns["vz"].push_back(v.z());
  }
}

} // namespace

Trajectory read_trajectory(const std::filesystem::path& path, double timestep_ps) {
  LineReader reader(path);
  Trajectory out;
  Header header;
  while (read_header(reader, header)) {
    if (header.atoms == 0) reader.fail("the frame has no atoms");
    append_frame(reader, header, read_atoms(reader, header), timestep_ps, out);
  }
  if (out.frames.empty()) throw core::DataError(fmt::format("trajectory {}: holds no frames", path.string()));
  return out;
}

core::Vec3 box_edges(const Trajectory& trajectory, std::size_t index) {
  return frame_at(trajectory, index).edges.value_or(trajectory.cell.vectors.diagonal());
}

std::vector<core::Vec3> whole_box_shifts(const Trajectory& trajectory, std::size_t index) {
  const Frame& frame = frame_at(trajectory, index);
  std::vector<core::Vec3> shifts(frame.positions.size(), core::Vec3::Zero());
  for (int k = 0; k < 3; ++k) {
    if (!trajectory.cell.periodic[static_cast<std::size_t>(k)]) continue;
    std::vector<double> coordinate;
    coordinate.reserve(frame.positions.size());
    for (const core::Vec3& p : frame.positions)
      coordinate.push_back(p[k]);
    const double middle = median(std::move(coordinate));
    const double edge = box_edges(trajectory, index)[k];
    for (std::size_t i = 0; i < shifts.size(); ++i)
      shifts[i][k] = -edge * std::round((frame.positions[i][k] - middle) / edge);
  }
  return shifts;
}

core::Atoms frame_atoms(const Trajectory& trajectory, std::size_t index) {
  const Frame& frame = frame_at(trajectory, index);
  core::Atoms atoms;
  atoms.atomic_numbers = trajectory.atomic_numbers;
  atoms.positions = frame.positions;
  const std::vector<core::Vec3> shifts = whole_box_shifts(trajectory, index);
  for (std::size_t i = 0; i < shifts.size(); ++i)
    atoms.positions[i] += shifts[i];
  const core::Vec3 centre = core::centroid(atoms);
  for (core::Vec3& p : atoms.positions)
    p -= centre;
  add_velocities(frame, atoms);
  return atoms;
}

core::Atoms frame_in_box(const Trajectory& trajectory, std::size_t index) {
  const Frame& frame = frame_at(trajectory, index);
  const core::Vec3 edges = box_edges(trajectory, index);
  core::Atoms atoms;
  atoms.atomic_numbers = trajectory.atomic_numbers;
  atoms.positions = frame.positions;
  atoms.cell = trajectory.cell;
  for (int k = 0; k < 3; ++k) {
    atoms.cell->vectors(k, k) = edges[k];
    if (!trajectory.cell.periodic[static_cast<std::size_t>(k)]) continue;
    for (core::Vec3& p : atoms.positions)
      p[k] -= edges[k] * std::round(p[k] / edges[k]);
  }
  add_velocities(frame, atoms);
  return atoms;
}

} // namespace aet::md
