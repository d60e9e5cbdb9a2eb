#include "sim/core/io/poscar.hpp"

#include "sim/core/bounding_box.hpp"
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/text_lines.hpp"

#include <Eigen/Dense>
#include <fmt/core.h>

#include <cmath>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

class PoscarReader {
public:
  explicit PoscarReader(const fs::path& path) : lines_(path, "a POSCAR of VASP 5") {}

  Atoms read() {
    static_cast<void>(lines_.need("the comment"));
    const double scale = numbers(lines_.need("the scale"), 1).at(0);
    if (scale == 0.0) fail("the scale is 0");
    Cell cell;
    cell.periodic = {true, true, true};
    for (int i = 0; i < 3; ++i)
      cell.vectors.row(i) = vector(lines_.need("a cell vector"));
    const double volume = std::abs(cell.vectors.determinant());
    if (!(volume > 0.0)) fail("the cell has no volume");
    factor_ = scale > 0.0 ? scale : std::cbrt(-scale / volume);
    cell.vectors *= factor_;
    atoms_.cell = cell;
    read_species();
    read_positions();
    return std::move(atoms_);
  }

private:
  [[noreturn]] void fail(const std::string& why) const { lines_.fail(why); }

  std::vector<double> numbers(std::string_view line, std::size_t count) const {
    const auto words = split_words(line);
    std::vector<double> values;
    for (std::size_t k = 0; k < count; ++k) {
      const auto value = k < words.size() ? parse_word(words[k]) : std::nullopt;
      if (!value || !std::isfinite(*value))
        fail(fmt::format("'{}' where {} numbers should stand", line, count));
      values.push_back(*value);
    }
    return values;
  }

  Vec3 vector(std::string_view line) const {
    const auto v = numbers(line, 3);
    return {v[0], v[1], v[2]};
  }

  void read_species() {
    const auto symbols = split_words(lines_.need("the element symbols"));
    if (symbols.empty() || parse_word(symbols.front())) fail("a line of element symbols is missing");
    std::vector<int> elements;
    for (const std::string_view symbol : symbols) {
      try {
        // "Pt_pv" and "Fe/hash" name a pseudopotential of the element.
        elements.push_back(atomic_number(symbol.substr(0, symbol.find_first_of("_/"))));
      } catch (const DataError& e) {
        fail(e.what());
      }
    }
    const auto counts = numbers(lines_.need("the numbers of atoms"), elements.size());
    constexpr double most = 1e8;
    for (std::size_t k = 0; k < elements.size(); ++k) {
      if (counts[k] < 0 || counts[k] != std::floor(counts[k]) || counts[k] > most)
        fail(fmt::format("{} is no number of atoms", counts[k]));
      atoms_.atomic_numbers.insert(atoms_.atomic_numbers.end(), static_cast<std::size_t>(counts[k]),
                                   elements[k]);
    }
  }

  void read_positions() {
    const auto first_letter = [](std::string_view line) {
      const auto words = split_words(line);
      return words.empty() ? ' ' : words.front().front();
    };
    char mode = first_letter(lines_.need("Direct or Cartesian"));
    if (mode == 'S' || mode == 's') mode = first_letter(lines_.need("Direct or Cartesian"));
    const bool cartesian = mode == 'C' || mode == 'c' || mode == 'K' || mode == 'k';
    for (std::size_t i = 0; i < atoms_.atomic_numbers.size(); ++i) {
      const Vec3 r = vector(lines_.need("all atoms are read"));
      atoms_.positions.push_back(cartesian ? Vec3(factor_ * r) : Vec3(atoms_.cell->vectors.transpose() * r));
    }
  }

  TextLines lines_;
  double factor_ = 1.0;
  Atoms atoms_;
};

} // namespace

Atoms read_poscar(const fs::path& path) {
  return PoscarReader(path).read();
}

void write_poscar(const fs::path& path, const Atoms& atoms) {
  validate(atoms, path.string());
  Mat3 edges = Mat3::Identity();
  Vec3 low = Vec3::Zero();
  if (atoms.cell) {
    edges = atoms.cell->vectors;
  } else if (atoms.size() > 0) {
    constexpr double margin = 10.0; // [angstrom]
    const BoundingBox box = widened(bounding_box(atoms.positions), margin);
    low = box.low;
    edges = box.size().asDiagonal();
  }
  std::map<int, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    members[atoms.atomic_numbers[i]].push_back(i);
  std::string text = "written by aetval\n1.0\n";
  auto out = std::back_inserter(text);
  for (int i = 0; i < 3; ++i)
    fmt::format_to(out, "{:.8f} {:.8f} {:.8f}\n", edges(i, 0), edges(i, 1), edges(i, 2));
  std::string counts;
  for (const auto& [z, list] : members) {
    fmt::format_to(out, "{} ", element_symbol(z));
    counts += fmt::format("{} ", list.size());
  }
  text += "\n" + counts + "\nCartesian\n";
  for (const auto& [z, list] : members) {
    for (const std::size_t i : list) {
      const Vec3 r = atoms.positions[i] - low;
      fmt::format_to(out, "{:.8f} {:.8f} {:.8f}\n", r.x(), r.y(), r.z());
    }
  }
  write_file(path, text);
}

} // namespace aet::core
