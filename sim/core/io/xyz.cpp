#include "sim/core/io/xyz.hpp"

#include "sim/core/bounding_box.hpp"
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_lines.hpp"

#include <Eigen/Core>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

/// key=value or key="value" of an extended XYZ comment line.
std::optional<std::string> comment_value(std::string_view comment, std::string_view key) {
  for (std::size_t at = comment.find(key); at != std::string_view::npos; at = comment.find(key, at + 1)) {
    const bool starts_word = at == 0 || comment[at - 1] == ' ';
    const std::size_t equals = at + key.size();
    if (!starts_word || equals >= comment.size() || comment[equals] != '=') continue;
    std::string_view rest = comment.substr(equals + 1);
    if (!rest.empty() && rest.front() == '"') {
      rest.remove_prefix(1);
      return std::string(rest.substr(0, rest.find('"')));
    }
    return std::string(rest.substr(0, rest.find(' ')));
  }
  return std::nullopt;
}

/// One per-atom property: its name and how many words it takes.
struct Property {
  std::string name;
  char type = 'R';
  std::size_t width = 1;
};

class XyzReader {
public:
  explicit XyzReader(const fs::path& path)
      : lines_(path, "an extended XYZ file (count, comment, then one atom a line: element x y z)") {}

  Atoms read() {
    static_cast<void>(lines_.need("the number of atoms"));
    return read_from_here();
  }

  /// The next frame; nothing if only blank lines are left.
  std::optional<Atoms> read_next() {
    while (lines_.next()) {
      if (!split_words(lines_.line()).empty()) return read_from_here();
    }
    return {};
  }

private:
  Atoms read_from_here() {
    atoms_ = {};
    const auto words = split_words(lines_.line());
    const auto count = words.size() == 1 ? parse_word(words[0]) : std::nullopt;
    if (!count || *count < 0 || *count != std::floor(*count)) {
      fail(fmt::format("'{}' where the number of atoms should stand", lines_.line()));
    }
    const std::string_view comment = lines_.need("the comment line");
    read_cell(comment);
    const auto properties = read_properties(comment);
    for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i)
      read_atom(properties, i);
    return std::move(atoms_);
  }

  [[noreturn]] void fail(const std::string& why) const { lines_.fail(why); }

  void read_cell(std::string_view comment) {
    const auto lattice = comment_value(comment, "Lattice");
    if (!lattice) return;
    const auto words = split_words(*lattice);
    if (words.size() != 9) fail(fmt::format("Lattice has {} numbers instead of 9", words.size()));
    Cell cell;
    for (std::size_t i = 0; i < 9; ++i) {
      const auto value = parse_word(words[i]);
      if (!value) fail(fmt::format("Lattice holds '{}', which is no number", words[i]));
      cell.vectors(static_cast<Eigen::Index>(i / 3), static_cast<Eigen::Index>(i % 3)) = *value;
    }
    // The format's default: a lattice without pbc is periodic.
    cell.periodic = {true, true, true};
    if (const auto pbc = comment_value(comment, "pbc")) {
      const auto flags = split_words(*pbc);
      if (flags.size() != 3) fail(fmt::format("pbc has {} entries instead of 3", flags.size()));
      for (std::size_t i = 0; i < 3; ++i)
        cell.periodic.at(i) = flags[i] == "T" || flags[i] == "1";
    }
    atoms_.cell = cell;
  }

  std::vector<Property> read_properties(std::string_view comment) const {
    const auto text = comment_value(comment, "Properties");
    if (!text) return {{"species", 'S', 1}, {"pos", 'R', 3}};
    const std::vector<std::string_view> fields = split_fields(*text, ':');
    std::vector<Property> properties;
    for (std::size_t i = 0; i + 2 < fields.size(); i += 3) {
      const auto width = parse_word(fields[i + 2]);
      if (fields[i + 1].size() != 1 || !width || *width < 1) {
        fail(fmt::format("Properties holds '{}:{}:{}'", fields[i], fields[i + 1], fields[i + 2]));
      }
      properties.push_back({std::string(fields[i]), fields[i + 1][0], static_cast<std::size_t>(*width)});
    }
    const auto is = [](const char* name) { return [name](const Property& p) { return p.name == name; }; };
    if (std::none_of(properties.begin(), properties.end(), is("pos"))) fail("Properties lacks pos:R:3");
    if (std::none_of(properties.begin(), properties.end(), is("species")) &&
        std::none_of(properties.begin(), properties.end(), is("Z"))) {
      fail("Properties lacks species:S:1");
    }
    return properties;
  }

  void read_species(std::string_view word) {
    try {
      const auto number = parse_word(word);
      const int z = number ? static_cast<int>(*number) : atomic_number(word);
      if (number) static_cast<void>(element_symbol(z)); // checks the range
      atoms_.atomic_numbers.push_back(z);
    } catch (const DataError& e) {
      fail(e.what());
    }
  }

  void read_atom(const std::vector<Property>& properties, std::size_t i) {
    const auto words = split_words(lines_.need("all atoms are read"));
    std::size_t word = 0;
    for (const Property& property : properties) {
      if (word + property.width > words.size()) {
        fail(fmt::format("atom {} has {} words, too few for its {}", i, words.size(), property.name));
      }
      if (property.name == "species" || property.name == "Z") {
        read_species(words[word]);
      } else if (property.type == 'S' || property.type == 'L') {
        // Text columns carry nothing the numerics use.
      } else {
        read_numbers(property, words, word, i);
      }
      word += property.width;
    }
  }

  void read_numbers(const Property& property, const std::vector<std::string_view>& words, std::size_t first,
                    std::size_t atom) {
    std::vector<double> values;
    for (std::size_t k = 0; k < property.width; ++k) {
      const auto value = parse_word(words[first + k]);
      if (!value)
        fail(fmt::format("atom {} has '{}' for {}, which is no number", atom, words[first + k],
                         property.name));
      values.push_back(*value);
    }
    if (property.name == "pos") {
      if (values.size() != 3) fail("pos must have 3 numbers");
      const Vec3 r(values[0], values[1], values[2]);
      if (!r.allFinite()) fail(fmt::format("atom {} has a coordinate that is not finite", atom));
      atoms_.positions.push_back(r);
      return;
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
      const std::string name = values.size() == 1 ? property.name : fmt::format("{}_{}", property.name, k);
      atoms_.columns[name].push_back(values[k]);
    }
  }

  TextLines lines_;
  Atoms atoms_;
};

Mat3 bounding_cell(const Atoms& atoms) {
  constexpr double margin = 10.0; // [angstrom]
  return widened(bounding_box(atoms.positions), margin).size().asDiagonal();
}

} // namespace

Atoms read_xyz(const fs::path& path) {
  return XyzReader(path).read();
}

std::size_t visit_xyz_frames(const fs::path& path, const std::function<void(Atoms)>& visit) {
  XyzReader reader(path);
  visit(reader.read());
  std::size_t frames = 1;
  for (auto atoms = reader.read_next(); atoms; atoms = reader.read_next(), ++frames)
    visit(std::move(*atoms));
  return frames;
}

void write_xyz(const fs::path& path, const Atoms& atoms) {
  validate(atoms, path.string());
  std::string text = fmt::format("{}\n", atoms.size());
  const Mat3 vectors = atoms.cell ? atoms.cell->vectors : bounding_cell(atoms);
  const std::array<bool, 3> periodic = atoms.cell ? atoms.cell->periodic : std::array<bool, 3>{};
  auto out = std::back_inserter(text);
  text += "Lattice=";
  for (Eigen::Index i = 0; i < 3; ++i)
    fmt::format_to(out, "{}{:.8f} {:.8f} {:.8f}", i == 0 ? '"' : ' ', vectors(i, 0), vectors(i, 1),
                   vectors(i, 2));
  text += "\" Properties=species:S:1:pos:R:3";
  for (const auto& [name, values] : atoms.columns)
    fmt::format_to(out, ":{}:R:1", name);
  fmt::format_to(out, " pbc=\"{} {} {}\"\n", periodic[0] ? 'T' : 'F', periodic[1] ? 'T' : 'F',
                 periodic[2] ? 'T' : 'F');
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const Vec3& r = atoms.positions[i];
    fmt::format_to(out, "{} {:.8f} {:.8f} {:.8f}", element_symbol(atoms.atomic_numbers[i]), r.x(), r.y(),
                   r.z());
    for (const auto& [name, values] : atoms.columns)
      fmt::format_to(out, " {:.8g}", values[i]);
    text += '\n';
  }
  write_file(path, text);
}

} // namespace aet::core
