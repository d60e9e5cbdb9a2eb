// The published high-entropy-alloy particles: atoms, bond order and nucleus labels.
#pragma once

#include "sim/core/atoms.hpp"
#include "tests/support/reference_data.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace aet::test {

struct HeaParticle {
  std::vector<core::Vec3> positions;
  std::vector<int> neighbours;
  std::vector<double> q4;
  std::vector<double> q6;
  std::vector<double> alpha;        ///< as published
  std::vector<long long> root;      ///< -1: below the threshold
  std::vector<long long> root_ge13; ///< -1 as well in clusters of fewer than 13 atoms
  double cutoff = 0.0;
};

inline std::vector<std::vector<std::string>> read_csv(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> row;
    std::stringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');)
      row.push_back(field);
    rows.push_back(row);
  }
  return rows;
}

/// \param name "hea_04" (cut-off 3.825 A) or "hea_08" (3.675 A).
inline HeaParticle read_hea(const std::string& name) {
  HeaParticle particle;
  particle.cutoff = name == "hea_04" ? 3.8250000000000006 : 3.6750000000000007; // meta.json
  const auto order = read_csv(reference_dir() / name / "boo.csv");
  for (std::size_t i = 1; i < order.size(); ++i) {
    const auto& row = order[i];
    // The published coordinates are single precision, printed here with ten decimals; rounding to float gives
    // them back exactly, which agreement to 1e-12 needs.
    const auto coordinate = [&](std::size_t c) { return static_cast<double>(std::stof(row[c])); };
    particle.positions.emplace_back(coordinate(2), coordinate(3), coordinate(4));
    particle.neighbours.push_back(std::stoi(row[5]));
    particle.q4.push_back(std::stod(row[6]));
    particle.q6.push_back(std::stod(row[7]));
    particle.alpha.push_back(std::stod(row[8]));
  }
  const auto nuclei = read_csv(reference_dir() / name / "nuclei.csv");
  for (std::size_t i = 1; i < nuclei.size(); ++i) {
    particle.root.push_back(std::stoll(nuclei[i][2]));
    particle.root_ge13.push_back(std::stoll(nuclei[i][4]));
  }
  return particle;
}

} // namespace aet::test
