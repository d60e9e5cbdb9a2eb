#include "sim/core/io/cif.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>
#include <gemmi/cif.hpp>
#include <gemmi/elem.hpp>
#include <gemmi/numb.hpp>
#include <gemmi/symmetry.hpp>
#include <gemmi/unitcell.hpp>

#include <array>
#include <cctype>
#include <cmath>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

constexpr double same_place_a = 0.2; // coordinates are often rounded to 0.001 of an edge

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw DataError(fmt::format("{}: {}.", path.string(), why));
}

struct Occupant {
  int z = 0;
  double occupancy = 1.0;
  double u_iso = 0.0;
  std::optional<Mat3> u_aniso; ///< along the axes [angstrom^2]
  std::string label;
};

/// A row of the file's table of atoms.
struct Site {
  gemmi::Fractional fract;
  Occupant occupant;
};

/// A place in the cell and the sites of the file that lie on it.
struct Place {
  gemmi::Fractional position;
  std::vector<Occupant> occupants;
};

gemmi::UnitCell read_cell(const fs::path& path, gemmi::cif::Block& block) {
  std::vector<double> v;
  for (const char* key : {"length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"}) {
    const std::string* value = block.find_value(std::string("_cell_") + key);
    v.push_back(value == nullptr ? std::nan("") : gemmi::cif::as_number(*value));
  }
  gemmi::UnitCell cell;
  cell.set(v[0], v[1], v[2], v[3], v[4], v[5]);
  if (!(v[0] > 0.0 && v[1] > 0.0 && v[2] > 0.0 && cell.volume > 0.0))
    fail(path, "the unit cell (_cell_length_a ... _cell_angle_gamma) is missing or has no volume");
  return cell;
}

/// Element of "Pt", "Pt1", "Fe3+", "Na+".
int element_of(const std::string& symbol) {
  std::string letters = symbol.substr(0, 2);
  if (letters.size() == 2 && std::isalpha(static_cast<unsigned char>(letters[1])) == 0) letters.pop_back();
  try {
    return atomic_number(letters);
  } catch (const DataError&) {
    return 0;
  }
}

Mat3 matrix_of(const gemmi::Mat33& m) {
  Mat3 out;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j)
      out(i, j) = m[i][j];
  }
  return out;
}

/// Tensors by label. A file's U_ij belong to axes a*, b*, c* of unit length: displacements are sum over i of
/// u_i |a*_i| a_i (Grosse-Kunstleve & Adams, J. Appl. Cryst. 35, 477 (2002), doi:10.1107/S0021889802008580).
std::map<std::string, Mat3> read_tensors(const fs::path& path, gemmi::cif::Block& block,
                                         const gemmi::UnitCell& cell) {
  std::map<std::string, Mat3> tensors;
  const auto read = [&](const std::string& letter, double unit) {
    std::vector<std::string> columns{"label"};
    for (const char* component : {"11", "22", "33", "12", "13", "23"})
      columns.push_back(letter + "_" + component);
    for (auto row : block.find("_atom_site_aniso_", columns)) {
      std::array<double, 6> u{};
      for (std::size_t k = 0; k < u.size(); ++k) {
        u[k] = unit * gemmi::cif::as_number(row[k + 1]);
        if (!std::isfinite(u[k])) {
          fail(path, fmt::format("site '{}' has '{}' for {}_{}, which is no number", row.str(0), row[k + 1],
                                 "_atom_site_aniso", columns[k + 1]));
        }
      }
      Mat3 m;
      m << u[0], u[3], u[4], u[3], u[1], u[5], u[4], u[5], u[2];
      const Mat3 axes = matrix_of(cell.orth.mat) * Vec3(cell.ar, cell.br, cell.cr).asDiagonal();
      tensors[row.str(0)] = axes * m * axes.transpose();
    }
  };
  read("B", 1.0 / (8.0 * pi * pi));
  read("U", 1.0);
  return tensors;
}

std::vector<Site> read_sites(const fs::path& path, gemmi::cif::Block& block) {
  enum Column { label, symbol, x, y, z, occupancy, u_iso, b_iso };
  std::vector<Site> sites;
  for (auto row : block.find("_atom_site_", {"label", "?type_symbol", "?fract_x", "?fract_y", "?fract_z",
                                             "?occupancy", "?U_iso_or_equiv", "?B_iso_or_equiv"})) {
    const auto number = [&](Column c, double fallback) {
      return row.has2(c) ? gemmi::cif::as_number(row[c], fallback) : fallback;
    };
    Site site;
    site.occupant.label = row.str(label);
    site.occupant.z = element_of(row.str(row.has2(symbol) ? symbol : label));
    site.occupant.occupancy = number(occupancy, 1.0);
    site.occupant.u_iso = number(u_iso, number(b_iso, 0.0) / (8.0 * pi * pi));
    site.fract = {number(x, std::nan("")), number(y, std::nan("")), number(z, std::nan(""))};
    const Occupant& o = site.occupant;
    if (o.z < 1) fail(path, fmt::format("site '{}' is of no known element", o.label));
    if (!std::isfinite(site.fract.x) || !std::isfinite(site.fract.y) || !std::isfinite(site.fract.z))
      fail(path, fmt::format("site '{}' has no fractional coordinates", o.label));
    if (!(o.occupancy > 0.0 && o.occupancy <= 1.0))
      fail(path, fmt::format("site '{}' has occupancy {}; allowed is above 0 to 1", o.label, o.occupancy));
    sites.push_back(site);
  }
  return sites;
}

std::vector<gemmi::Op> symmetry(const fs::path& path, gemmi::cif::Block& block, const gemmi::UnitCell& cell) {
  std::vector<gemmi::Op> operations;
  for (const char* tag : {"_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"}) {
    for (const std::string& text : block.find_values(tag))
      operations.push_back(gemmi::parse_triplet(gemmi::cif::as_string(text)));
    if (!operations.empty()) return operations;
  }
  std::string name;
  for (const char* tag : {"_space_group_name_H-M_alt", "_symmetry_space_group_name_H-M"}) {
    if (const std::string* value = block.find_value(tag); value != nullptr && name.empty())
      name = gemmi::cif::as_string(*value);
  }
  const gemmi::SpaceGroup* group = gemmi::find_spacegroup_by_name(name, cell.alpha, cell.gamma);
  if (group == nullptr) {
    fail(path, fmt::format("symmetry operations are not listed and the space group '{}' is not known; add "
                           "_space_group_symop_operation_xyz, or 'P 1' if all atoms are listed",
                           name));
  }
  for (const gemmi::Op operation : group->operations())
    operations.push_back(operation);
  return operations;
}

/// In fractions of the cell.
Mat3 rotation_of(const gemmi::Op& operation) {
  Mat3 out;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j)
      out(i, j) =
          static_cast<double>(operation.rot[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)]) /
          gemmi::Op::DEN;
  }
  return out;
}

std::vector<Place> expand(const std::vector<Site>& sites, const gemmi::UnitCell& cell,
                          const std::vector<gemmi::Op>& operations) {
  std::vector<Place> places;
  for (const Site& site : sites) {
    const Occupant& occupant = site.occupant;
    for (const gemmi::Op& operation : operations) {
      const auto moved = operation.apply_to_xyz({site.fract.x, site.fract.y, site.fract.z});
      const gemmi::Fractional r = gemmi::Fractional(moved[0], moved[1], moved[2]).wrap_to_unit();
      Place* place = nullptr;
      for (Place& p : places) {
        if (cell.distance_sq(p.position, r) < same_place_a * same_place_a) place = &p;
      }
      if (place == nullptr) place = &places.emplace_back(Place{r, {}});
      // Operations of a special position bring a site onto itself.
      if (!place->occupants.empty() && place->occupants.back().label == occupant.label) continue;
      place->occupants.push_back(occupant);
      if (!occupant.u_aniso) continue;
      const Mat3 turn = matrix_of(cell.orth.mat) * rotation_of(operation) * matrix_of(cell.frac.mat);
      place->occupants.back().u_aniso = turn * *occupant.u_aniso * turn.transpose();
    }
  }
  return places;
}

/// The occupant that a place gets: index, or -1 for none.
int choose(const fs::path& path, const Place& place, const AtomFileOptions& options, RandomStream& random) {
  constexpr double rounding = 2e-3; // thirds given as 0.333
  double total = 0.0;
  for (const Occupant& o : place.occupants)
    total += o.occupancy;
  const std::string& label = place.occupants.front().label;
  if (total > 1.0 + rounding) {
    fail(path, fmt::format("sites of '{}' and '{}' lie on one place with occupancies that sum up to {}",
                           label, place.occupants.back().label, total));
  }
  if (place.occupants.size() == 1 && total > 1.0 - rounding) return 0;
  if (!options.occupancy_seed) {
    fail(path,
         fmt::format(
             "site '{}' is occupied in part ({:.3f}) or shared by elements; give a seed to fill such sites "
             "at random, each with its occupancy",
             label, place.occupants.front().occupancy));
  }
  double u = random.uniform();
  if (total > 1.0 - rounding) u *= total;
  for (std::size_t k = 0; k < place.occupants.size(); ++k) {
    u -= place.occupants[k].occupancy;
    if (u < 0.0) return static_cast<int>(k);
  }
  return -1;
}

Atoms read(const fs::path& path, const AtomFileOptions& options) {
  const std::string text = read_file(path);
  gemmi::cif::Document document = gemmi::cif::read_memory(text.data(), text.size(), path.c_str());
  for (gemmi::cif::Block& block : document.blocks) {
    std::vector<Site> sites = read_sites(path, block);
    if (sites.empty()) continue;
    const gemmi::UnitCell c = read_cell(path, block);
    const std::map<std::string, Mat3> tensors = read_tensors(path, block, c);
    for (Site& site : sites) {
      const auto found = tensors.find(site.occupant.label);
      if (found != tensors.end()) site.occupant.u_aniso = found->second;
    }
    Atoms atoms;
    Cell cell;
    for (int i = 0; i < 3; ++i) {
      const gemmi::Position edge = c.orthogonalize(gemmi::Fractional(i == 0, i == 1, i == 2));
      cell.vectors.row(i) = Vec3(edge.x, edge.y, edge.z);
    }
    cell.periodic = {true, true, true};
    atoms.cell = cell;
    std::vector<double> u_rms;
    std::vector<Mat3> u_aniso;
    RandomStream random(options.occupancy_seed.value_or(0), "cif.occupancy");
    for (const Place& place : expand(sites, c, symmetry(path, block, c))) {
      const int chosen = choose(path, place, options, random);
      if (chosen < 0) continue;
      const Occupant& o = place.occupants[static_cast<std::size_t>(chosen)];
      const gemmi::Position r = c.orthogonalize(place.position);
      atoms.positions.emplace_back(r.x, r.y, r.z);
      atoms.atomic_numbers.push_back(o.z);
      if (o.u_iso > 0.0) u_rms.push_back(std::sqrt(o.u_iso));
      if (o.u_aniso || o.u_iso > 0.0) u_aniso.push_back(o.u_aniso.value_or(o.u_iso * Mat3(Mat3::Identity())));
    }
    if (u_rms.size() == atoms.size()) atoms.columns["u_rms"] = std::move(u_rms);
    if (!tensors.empty() && u_aniso.size() == atoms.size()) {
      constexpr std::array<std::array<int, 2>, 6> component{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}}};
      for (const Mat3& tensor : u_aniso) {
        for (std::size_t k = 0; k < component.size(); ++k)
          atoms.columns[fmt::format("u_aniso_{}", k)].push_back(tensor(component[k][0], component[k][1]));
      }
    }
    return atoms;
  }
  fail(path, "no data block holds atoms (_atom_site_label with coordinates)");
}

} // namespace

Atoms read_cif(const fs::path& path, const AtomFileOptions& options) {
  try {
    return read(path, options);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) { // gemmi's, which name the line
    fail(path, fmt::format("not a usable CIF: {}", e.what()));
  }
}

} // namespace aet::core
