#include "sim/core/io/lammps_dump.hpp"

#include "sim/core/bounding_box.hpp"
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_lines.hpp"

#include <Eigen/Dense>
#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

class DumpReader {
public:
  DumpReader(const fs::path& path, const std::vector<int>& type_elements)
      : lines_(path, "a LAMMPS dump in text form"), type_elements_(type_elements) {}

  /// The next frame's header; false at the end of the file.
  bool next_header() {
    frame_ = DumpFrame();
    do {
      if (!lines_.next()) return false;
    } while (split_words(lines_.line()).empty());
    read_header();
    return true;
  }

  void skip_atoms() {
    for (std::size_t i = 0; i < atoms_count_; ++i)
      lines_.need("all atoms are read");
  }

  /// The atoms that follow the header.
  DumpFrame read_atoms() {
    find_columns();
    RawAtoms raw;
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < atoms_count_; ++i) {
      split_words(lines_.need("all atoms are read"), words);
      if (words.size() != names_.size())
        fail(fmt::format("{} columns found, {} announced", words.size(), names_.size()));
      read_atom(words, raw);
    }
    sort_into_frame(raw);
    return std::move(frame_);
  }

  [[noreturn]] void fail(const std::string& why) const { lines_.fail(why); }

private:
  /// Atoms as they stand in the file.
  struct RawAtoms {
    std::vector<long> ids;
    std::vector<Vec3> positions;
    std::vector<int> elements;
    std::vector<double> others; // of each atom, one after the other
  };

  void read_header() {
    bool counted = false;
    bool boxed = false;
    std::optional<double> time;
    std::string units = "metal";
    while (true) {
      const std::string item(lines_.line());
      if (item.starts_with("ITEM: NUMBER OF ATOMS")) {
        constexpr long most = 1000000000L;
        const auto count = value<long>("the number of atoms");
        if (count < 0 || count > most) fail(fmt::format("the number of atoms is {}, out of range", count));
        atoms_count_ = static_cast<std::size_t>(count);
        counted = true;
      } else if (item.starts_with("ITEM: BOX BOUNDS")) {
        read_box(std::string_view(item).substr(std::strlen("ITEM: BOX BOUNDS")));
        boxed = true;
      } else if (item.starts_with("ITEM: ATOMS")) {
        if (!counted || !boxed) fail("ITEM: NUMBER OF ATOMS or ITEM: BOX BOUNDS is missing before the atoms");
        names_.clear();
        for (const std::string_view name :
             split_words(std::string_view(item).substr(std::strlen("ITEM: ATOMS"))))
          names_.emplace_back(name);
        break;
      } else if (item.starts_with("ITEM: TIMESTEP")) {
        frame_.step = value<long>("the time step");
      } else if (item.starts_with("ITEM: TIME")) {
        time = value<double>("the time");
      } else if (item.starts_with("ITEM: UNITS")) {
        units = lines_.need("the units");
        if (units != "metal" && units != "real")
          fail(fmt::format("units are '{}'; only metal and real (angstrom) are read", units));
      } else {
        fail(fmt::format("'{}' where a known ITEM should stand", item.substr(0, 40)));
      }
      lines_.need("ITEM: ATOMS");
    }
    constexpr double fs_per_ps = 1000.0;
    if (time) frame_.time_ps = units == "real" ? *time / fs_per_ps : *time;
  }

  /// The one number on the next line.
  template <class T> T value(std::string_view what) {
    const auto words = split_words(lines_.need(what));
    const auto number = words.size() == 1 ? parse_word<T>(words[0]) : std::nullopt;
    if (!number) fail(fmt::format("'{}' where {} should stand", lines_.line().substr(0, 40), what));
    return *number;
  }

  /// Source of the bounds of tilted boxes: LAMMPS manual, Howto_triclinic.
  void read_box(std::string_view rest) {
    const auto words = split_words(rest);
    const bool tilted = std::find(words.begin(), words.end(), "xy") != words.end();
    if (std::find(words.begin(), words.end(), "abc") != words.end())
      fail("a general triclinic box is not understood");
    Mat3 bounds = Mat3::Zero();
    for (int i = 0; i < 3; ++i) {
      const auto numbers = split_words(lines_.need("the box bounds"));
      if (numbers.size() < (tilted ? 3U : 2U)) fail("a line of box bounds has too few numbers");
      for (int k = 0; k < (tilted ? 3 : 2); ++k) {
        const auto value = parse_word(numbers[static_cast<std::size_t>(k)]);
        if (!value)
          fail(fmt::format("'{}' in the box bounds is not a number", numbers[static_cast<std::size_t>(k)]));
        bounds(i, k) = *value;
      }
    }
    const double xy = bounds(0, 2);
    const double xz = bounds(1, 2);
    const double yz = bounds(2, 2);
    low_ =
        Vec3(bounds(0, 0) - std::min({0.0, xy, xz, xy + xz}), bounds(1, 0) - std::min(0.0, yz), bounds(2, 0));
    const Vec3 high(bounds(0, 1) - std::max({0.0, xy, xz, xy + xz}), bounds(1, 1) - std::max(0.0, yz),
                    bounds(2, 1));
    if (!((high - low_).minCoeff() > 0.0)) fail("the box has no volume");
    Cell cell;
    cell.vectors << high.x() - low_.x(), 0, 0, xy, high.y() - low_.y(), 0, xz, yz, high.z() - low_.z();
    const std::size_t first = tilted ? 3 : 0;
    for (std::size_t k = 0; k < 3 && first + k < words.size(); ++k)
      cell.periodic.at(k) = words[first + k].starts_with("p");
    frame_.atoms.cell = cell;
  }

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    if (at == names_.end()) return std::nullopt;
    return static_cast<std::size_t>(at - names_.begin());
  }

  void find_columns() {
    found_position_ = false;
    others_.clear();
    id_ = column("id");
    element_ = column("element");
    type_ = column("type");
    for (const auto& [suffix, scaled] :
         {std::pair("u", false), std::pair("", false), std::pair("su", true), std::pair("s", true)}) {
      const auto x = column(std::string("x") + suffix);
      const auto y = column(std::string("y") + suffix);
      const auto z = column(std::string("z") + suffix);
      if (found_position_ || !x || !y || !z) continue;
      position_ = {*x, *y, *z};
      scaled_ = scaled;
      found_position_ = true;
    }
    if (!found_position_) fail("the columns hold no positions (x y z, xu yu zu, xs ys zs or xsu ysu zsu)");
    if (!element_ && !type_) fail("there is neither an element nor a type column");
    if (!element_ && type_elements_.empty()) {
      fail("there is no element column; say which element each type is (for example --types Fe,Pt)");
    }
    for (std::size_t c = 0; c < names_.size(); ++c) {
      const bool used = c == id_ || c == element_ || c == type_ ||
                        std::find(position_.begin(), position_.end(), c) != position_.end();
      if (!used) others_.push_back(c);
    }
  }

  double number(const std::vector<std::string_view>& words, std::size_t c) const {
    const auto value = parse_word(words[c]);
    if (!value) fail(fmt::format("'{}' for {} is not a number", words[c], names_[c]));
    return *value;
  }

  int element_of(const std::vector<std::string_view>& words) const {
    if (element_) {
      try {
        return atomic_number(words[*element_]);
      } catch (const DataError& e) {
        fail(e.what());
      }
    }
    const auto type = parse_word<long>(words[*type_]);
    if (!type || *type < 1 || *type > static_cast<long>(type_elements_.size())) {
      fail(fmt::format("type '{}' has no element; {} are given", words[*type_], type_elements_.size()));
    }
    return type_elements_[static_cast<std::size_t>(*type - 1)];
  }

  void read_atom(const std::vector<std::string_view>& words, RawAtoms& raw) {
    Vec3 r;
    for (int k = 0; k < 3; ++k)
      r[k] = number(words, position_.at(static_cast<std::size_t>(k)));
    if (scaled_) r = low_ + frame_.atoms.cell->vectors.transpose() * r;
    if (!r.allFinite()) fail("a coordinate is not finite");
    const auto id =
        id_ ? parse_word<long>(words[*id_]) : std::optional(static_cast<long>(raw.ids.size()) + 1);
    if (!id) fail(fmt::format("'{}' for id is not a whole number", words[*id_]));
    raw.ids.push_back(*id);
    raw.positions.push_back(r);
    raw.elements.push_back(element_of(words));
    for (const std::size_t c : others_)
      raw.others.push_back(parse_word(words[c]).value_or(std::numeric_limits<double>::quiet_NaN()));
  }

  void sort_into_frame(const RawAtoms& raw) {
    std::vector<std::size_t> order(raw.ids.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return raw.ids[a] < raw.ids[b]; });
    for (const std::size_t i : order) {
      if (!frame_.ids.empty() && frame_.ids.back() == raw.ids[i])
        fail(fmt::format("id {} occurs twice", raw.ids[i]));
      frame_.ids.push_back(raw.ids[i]);
      frame_.atoms.positions.push_back(raw.positions[i]);
      frame_.atoms.atomic_numbers.push_back(raw.elements[i]);
    }
    for (std::size_t c = 0; c < others_.size(); ++c) {
      std::vector<double> values;
      for (const std::size_t i : order)
        values.push_back(raw.others[i * others_.size() + c]);
      // Columns of text hold not one number and carry nothing.
      if (std::any_of(values.begin(), values.end(), [](double v) { return !std::isnan(v); }))
        frame_.atoms.columns[names_[others_[c]]] = std::move(values);
    }
  }

  TextLines lines_;
  const std::vector<int>& type_elements_;
  DumpFrame frame_;
  std::size_t atoms_count_ = 0;
  std::vector<std::string> names_;
  std::optional<std::size_t> id_;
  std::optional<std::size_t> element_;
  std::optional<std::size_t> type_;
  std::array<std::size_t, 3> position_{};
  bool found_position_ = false;
  bool scaled_ = false;
  std::vector<std::size_t> others_;
  Vec3 low_ = Vec3::Zero();
};

std::string deflate_gzip(const std::string& text) {
  z_stream z{};
  constexpr int gzip_window = 15 + 16;
  deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY);
  std::string bytes(deflateBound(&z, text.size()), '\0');
  std::string input = text; // zlib wants it writable
  z.next_in = reinterpret_cast<Bytef*>(input.data());
  z.avail_in = static_cast<uInt>(input.size());
  z.next_out = reinterpret_cast<Bytef*>(bytes.data());
  z.avail_out = static_cast<uInt>(bytes.size());
  deflate(&z, Z_FINISH);
  bytes.resize(z.total_out);
  deflateEnd(&z);
  return bytes;
}

} // namespace

Atoms read_lammps_dump(const fs::path& path, const AtomFileOptions& options) {
  // Frames before the wanted one are passed over; which is the last is known at the end of the file only.
  long wanted = options.frame.value_or(-1);
  long frames = 0;
  if (!options.frame || wanted < 0) {
    DumpReader reader(path, options.type_elements);
    for (; reader.next_header(); ++frames)
      reader.skip_atoms();
    if (frames == 0) reader.fail("there is no frame");
    if (options.frame) reader.fail(fmt::format("there is no frame {}", wanted));
    wanted = frames - 1;
  }
  DumpReader reader(path, options.type_elements);
  for (frames = 0; reader.next_header(); ++frames) {
    if (frames == wanted) return reader.read_atoms().atoms;
    reader.skip_atoms();
  }
  reader.fail(frames == 0 ? "there is no frame"
                          : fmt::format("frame {} is asked for, but there are {}", wanted, frames));
}

std::size_t visit_lammps_frames(const fs::path& path, const AtomFileOptions& options,
                                const std::function<void(DumpFrame)>& visit) {
  DumpReader reader(path, options.type_elements);
  std::vector<long> first;
  std::size_t frames = 0;
  for (; reader.next_header(); ++frames) {
    DumpFrame frame = reader.read_atoms();
    if (frames == 0) first = frame.ids;
    if (frame.ids != first)
      reader.fail(fmt::format("frame {} holds {} atoms with other ids than the {} of the first frame; a "
                              "trajectory of one set of atoms is needed",
                              frames, frame.ids.size(), first.size()));
    visit(std::move(frame));
  }
  if (frames == 0) reader.fail("there is no frame");
  return frames;
}

void append_frame(const DumpText& frame, std::string& text) {
  const Mat3& edges = frame.cell.vectors;
  const double xy = edges(1, 0);
  const double xz = edges(2, 0);
  const double yz = edges(2, 1);
  const bool tilted = xy != 0.0 || xz != 0.0 || yz != 0.0;
  const auto out = std::back_inserter(text);
  if (frame.time_ps) fmt::format_to(out, "ITEM: UNITS\nmetal\nITEM: TIME\n{:.6f}\n", *frame.time_ps);
  fmt::format_to(out, "ITEM: TIMESTEP\n{}\nITEM: NUMBER OF ATOMS\n{}\nITEM: BOX BOUNDS{}", frame.step,
                 frame.positions.size(), tilted ? " xy xz yz" : "");
  for (const bool periodic : frame.cell.periodic)
    text += periodic ? " pp" : " ff";
  const auto bounds = [&](double from, double to, double tilt) {
    fmt::format_to(out, "\n{:.{}f} {:.{}f}", from, frame.box_digits, to, frame.box_digits);
    if (tilted) fmt::format_to(out, " {:.{}f}", tilt, frame.box_digits);
  };
  const Vec3& low = frame.low;
  bounds(low.x() + std::min({0.0, xy, xz, xy + xz}), low.x() + edges(0, 0) + std::max({0.0, xy, xz, xy + xz}),
         xy);
  bounds(low.y() + std::min(0.0, yz), low.y() + edges(1, 1) + std::max(0.0, yz), xz);
  bounds(low.z(), low.z() + edges(2, 2), yz);
  fmt::format_to(out, "\nITEM: ATOMS id type element {}{}\n", frame.unwrapped ? "xu yu zu" : "x y z",
                 frame.velocities.empty() ? "" : " vx vy vz");
  const std::set<int> elements(frame.atomic_numbers.begin(), frame.atomic_numbers.end());
  std::map<int, std::string> words; // type and symbol of each element
  for (const int z : elements)
    words[z] = fmt::format("{} {}", words.size() + 1, element_symbol(z));
  const auto vector = [&](const Vec3& v) {
    fmt::format_to(out, " {:.{}f} {:.{}f} {:.{}f}", v.x(), frame.digits, v.y(), frame.digits, v.z(),
                   frame.digits);
  };
  for (std::size_t i = 0; i < frame.positions.size(); ++i) {
    fmt::format_to(out, "{} {}", i + 1, words[frame.atomic_numbers[i]]);
    vector(frame.positions[i]);
    if (!frame.velocities.empty()) vector(frame.velocities[i]);
    text += '\n';
  }
}

void write_lammps_dump(const fs::path& path, const Atoms& atoms) {
  validate(atoms, path.string());
  Vec3 low = Vec3::Zero();
  Mat3 edges = Mat3::Zero();
  if (atoms.cell) {
    edges = atoms.cell->vectors;
    if (edges(0, 1) != 0.0 || edges(0, 2) != 0.0 || edges(1, 2) != 0.0 ||
        !(edges.diagonal().minCoeff() > 0.0)) {
      throw DataError(
          fmt::format("{}: the cell's first edge must lie along x, the second in the xy plane, for LAMMPS; "
                      "write another format, such as .xyz.",
                      path.string()));
    }
  } else {
    constexpr double margin = 10.0; // [angstrom]
    const BoundingBox box = widened(bounding_box(atoms.positions), margin);
    low = box.low;
    edges = box.size().asDiagonal();
  }
  const DumpText frame{.cell = {edges, atoms.cell ? atoms.cell->periodic : std::array<bool, 3>{}},
                       .low = low,
                       .atomic_numbers = atoms.atomic_numbers,
                       .positions = atoms.positions};
  std::string text;
  append_frame(frame, text);
  write_file(path, path.extension() == ".gz" ? deflate_gzip(text) : text);
}

} // namespace aet::core
