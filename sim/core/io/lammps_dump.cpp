#include "sim/core/io/lammps_dump.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_scan.hpp"

#include <Eigen/Dense>
#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

/// Decompress gzip data (members in a row as well); other data is passed through.
std::string inflate_if_gzip(std::string bytes, const fs::path& path) {
  constexpr std::size_t magic = 2;
  if (bytes.size() < magic || bytes[0] != '\x1f' || bytes[1] != '\x8b') return bytes;
  z_stream z{};
  constexpr int gzip_window = 15 + 16;
  inflateInit2(&z, gzip_window);
  z.next_in = reinterpret_cast<Bytef*>(bytes.data());
  z.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::array<char, 1U << 16U> block{};
  int code = Z_OK;
  while (code == Z_OK) {
    z.next_out = reinterpret_cast<Bytef*>(block.data());
    z.avail_out = static_cast<uInt>(block.size());
    code = inflate(&z, Z_NO_FLUSH);
    text.append(block.data(), block.size() - z.avail_out);
    if (code == Z_STREAM_END && z.avail_in > 0) code = inflateReset(&z);
  }
  inflateEnd(&z);
  if (code != Z_STREAM_END) {
    throw DataError(
        fmt::format("{}: the compressed data is damaged or cut short; copy the file again.", path.string()));
  }
  return text;
}

class Reader {
public:
  Reader(fs::path path, const AtomFileOptions& options)
      : path_(std::move(path)), options_(options), text_(inflate_if_gzip(read_file(path_), path_)) {}

  Atoms read() {
    if (options_.frame && *options_.frame < 0) fail(fmt::format("there is no frame {}", *options_.frame));
    // All frames up to the wanted one are passed by their headers; which is the last is known at the end
    // only.
    std::vector<std::pair<std::size_t, std::size_t>> starts;
    while (!at_end() && !(options_.frame && static_cast<long>(starts.size()) > *options_.frame)) {
      starts.emplace_back(offset_, line_number_);
      read_header();
      for (std::size_t i = 0; i < atoms_count_; ++i)
        next_line("all atoms are read");
    }
    if (starts.empty()) fail("there is no frame");
    if (options_.frame && static_cast<long>(starts.size()) <= *options_.frame) {
      fail(fmt::format("frame {} is asked for, but there are {}", *options_.frame, starts.size()));
    }
    std::tie(offset_, line_number_) = starts.back();
    read_header();
    read_atoms();
    return std::move(atoms_);
  }

  std::size_t visit(const std::function<void(Atoms)>& f) {
    std::vector<long> first;
    std::size_t frames = 0;
    for (; !at_end(); ++frames) {
      atoms_ = Atoms();
      read_header();
      read_atoms();
      if (frames == 0) first = ids_;
      if (ids_ != first)
        fail(
            fmt::format("frame {} holds {} atoms with other ids than the {} of the first frame; a trajectory "
                        "of one set of atoms is needed",
                        frames, ids_.size(), first.size()));
      f(std::move(atoms_));
    }
    if (frames == 0) fail("there is no frame");
    return frames;
  }

private:
  [[noreturn]] void fail(const std::string& why) const {
    throw DataError(
        fmt::format("{}:{}: {}; a LAMMPS dump in text form is expected.", path_.string(), line_number_, why));
  }

  [[nodiscard]] bool at_end() const {
    return text_.find_first_not_of(" \t\r\n", offset_) == std::string::npos;
  }

  std::string_view next_line(const char* what) {
    ++line_number_;
    if (offset_ >= text_.size()) fail(fmt::format("the file ends before {}", what));
    const std::size_t end = std::min(text_.find('\n', offset_), text_.size());
    std::string_view line(text_.data() + offset_, end - offset_);
    offset_ = end + 1;
    return line;
  }

  void read_header() {
    atoms_count_ = 0;
    bool counted = false;
    bool boxed = false;
    while (true) {
      const std::string_view line = next_line("ITEM: ATOMS");
      if (line.starts_with("ITEM: NUMBER OF ATOMS")) {
        const auto words = split_words(next_line("the number of atoms"));
        const auto count = words.size() == 1 ? parse_word<long>(words[0]) : std::nullopt;
        if (!count || *count < 0 || *count > 1000000000L)
          fail("the number of atoms is none, or out of range");
        atoms_count_ = static_cast<std::size_t>(*count);
        counted = true;
      } else if (line.starts_with("ITEM: BOX BOUNDS")) {
        read_box(line.substr(std::strlen("ITEM: BOX BOUNDS")));
        boxed = true;
      } else if (line.starts_with("ITEM: ATOMS")) {
        if (!counted || !boxed) fail("ITEM: NUMBER OF ATOMS or ITEM: BOX BOUNDS is missing before the atoms");
        names_ = split_words(line.substr(std::strlen("ITEM: ATOMS")));
        return;
      } else if (line.starts_with("ITEM:")) {
        next_line("the value of this ITEM");
      } else {
        fail(fmt::format("'{}' where an ITEM should stand", line.substr(0, 40)));
      }
    }
  }

  /// Source of the bounds of tilted boxes: LAMMPS manual, Howto_triclinic.
  void read_box(std::string_view rest) {
    const auto words = split_words(rest);
    const bool tilted = std::find(words.begin(), words.end(), "xy") != words.end();
    if (std::find(words.begin(), words.end(), "abc") != words.end())
      fail("a general triclinic box is not understood");
    Mat3 bounds = Mat3::Zero();
    for (int i = 0; i < 3; ++i) {
      const auto numbers = split_words(next_line("the box bounds"));
      if (numbers.size() < (tilted ? 3U : 2U)) fail("a line of box bounds has too few numbers");
      for (int k = 0; k < (tilted ? 3 : 2); ++k) {
        const auto value = parse_word(numbers[static_cast<std::size_t>(k)]);
        if (!value)
          fail(fmt::format("'{}' in the box bounds is no number", numbers[static_cast<std::size_t>(k)]));
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
    atoms_.cell = cell;
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
    if (!element_ && options_.type_elements.empty()) {
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
    if (!value) fail(fmt::format("'{}' for {} is no number", words[c], names_[c]));
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
    if (!type || *type < 1 || *type > static_cast<long>(options_.type_elements.size())) {
      fail(fmt::format("type '{}' has no element; {} are given", words[*type_],
                       options_.type_elements.size()));
    }
    return options_.type_elements[static_cast<std::size_t>(*type - 1)];
  }

  void read_atoms() {
    find_columns();
    std::vector<long> ids;
    std::vector<Vec3> positions;
    std::vector<int> elements;
    std::vector<std::vector<double>> extra;
    for (std::size_t i = 0; i < atoms_count_; ++i) {
      const auto words = split_words(next_line("all atoms are read"));
      if (words.size() < names_.size())
        fail(fmt::format("{} words for {} columns", words.size(), names_.size()));
      Vec3 r;
      for (int k = 0; k < 3; ++k)
        r[k] = number(words, position_.at(static_cast<std::size_t>(k)));
      if (scaled_) r = low_ + atoms_.cell->vectors.transpose() * r;
      if (!r.allFinite()) fail("a coordinate is not finite");
      positions.push_back(r);
      elements.push_back(element_of(words));
      const auto id = id_ ? parse_word<long>(words[*id_]) : std::optional<long>(static_cast<long>(i) + 1);
      if (!id) fail(fmt::format("'{}' for id is no whole number", words[*id_]));
      ids.push_back(*id);
      std::vector<double> values;
      for (const std::size_t c : others_)
        values.push_back(parse_word(words[c]).value_or(std::numeric_limits<double>::quiet_NaN()));
      extra.push_back(std::move(values));
    }
    std::vector<std::size_t> order(ids.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
    ids_.clear();
    for (std::size_t k = 0; k < order.size(); ++k) {
      ids_.push_back(ids[order[k]]);
      if (k > 0 && ids[order[k]] == ids[order[k - 1]]) fail(fmt::format("id {} occurs twice", ids[order[k]]));
      atoms_.positions.push_back(positions[order[k]]);
      atoms_.atomic_numbers.push_back(elements[order[k]]);
    }
    for (std::size_t c = 0; c < others_.size(); ++c) {
      std::vector<double> values;
      for (const std::size_t k : order)
        values.push_back(extra[k][c]);
      // Text columns are no numbers anywhere and carry nothing.
      if (std::any_of(values.begin(), values.end(), [](double v) { return !std::isnan(v); }))
        atoms_.columns[std::string(names_[others_[c]])] = std::move(values);
    }
  }

  fs::path path_;
  const AtomFileOptions& options_;
  std::string text_;
  std::size_t offset_ = 0;
  std::size_t line_number_ = 0;
  std::size_t atoms_count_ = 0;
  std::vector<std::string_view> names_;
  std::optional<std::size_t> id_;
  std::optional<std::size_t> element_;
  std::optional<std::size_t> type_;
  std::array<std::size_t, 3> position_{};
  bool found_position_ = false;
  bool scaled_ = false;
  std::vector<std::size_t> others_;
  std::vector<long> ids_; // rising
  Vec3 low_ = Vec3::Zero();
  Atoms atoms_;
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
  return Reader(path, options).read();
}

std::size_t visit_lammps_frames(const fs::path& path, const AtomFileOptions& options,
                                const std::function<void(Atoms)>& visit) {
  return Reader(path, options).visit(visit);
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
    Vec3 high = Vec3::Zero();
    for (const Vec3& r : atoms.positions) {
      low = low.cwiseMin(r);
      high = high.cwiseMax(r);
    }
    low -= Vec3::Constant(margin);
    edges = Vec3(high - low + Vec3::Constant(margin)).asDiagonal();
  }
  const double xy = edges(1, 0);
  const double xz = edges(2, 0);
  const double yz = edges(2, 1);
  const bool tilted = xy != 0.0 || xz != 0.0 || yz != 0.0;
  const auto flag = [&](std::size_t k) { return atoms.cell && atoms.cell->periodic.at(k) ? "pp" : "ff"; };
  std::string text =
      fmt::format("ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{}\nITEM: BOX BOUNDS {}{} {} {}\n", atoms.size(),
                  tilted ? "xy xz yz " : "", flag(0), flag(1), flag(2));
  const auto bounds = [&](double from, double to, double tilt) {
    text += fmt::format("{:.8f} {:.8f}", from, to) + (tilted ? fmt::format(" {:.8f}\n", tilt) : "\n");
  };
  bounds(low.x() + std::min({0.0, xy, xz, xy + xz}), low.x() + edges(0, 0) + std::max({0.0, xy, xz, xy + xz}),
         xy);
  bounds(low.y() + std::min(0.0, yz), low.y() + edges(1, 1) + std::max(0.0, yz), xz);
  bounds(low.z(), low.z() + edges(2, 2), yz);
  text += "ITEM: ATOMS id type element x y z\n";
  const std::set<int> elements(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end());
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const int z = atoms.atomic_numbers[i];
    const Vec3& r = atoms.positions[i];
    fmt::format_to(std::back_inserter(text), "{} {} {} {:.8f} {:.8f} {:.8f}\n", i + 1,
                   std::distance(elements.begin(), elements.find(z)) + 1, element_symbol(z), r.x(), r.y(),
                   r.z());
  }
  write_file(path, path.extension() == ".gz" ? deflate_gzip(text) : text);
}

} // namespace aet::core
