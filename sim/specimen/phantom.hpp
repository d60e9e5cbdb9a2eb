// Series of particles with planted nuclei that grow, dissolve, merge and divide: exact truth for the
// analysis.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/specimen/particle.hpp"

#include <cstdint>
#include <vector>

namespace aet::specimen {

enum class PlantedEventKind { merge, divide, nucleate, dissolve };

/// What happens to planted nuclei between a moment and the one before it; numbers as in the lists of nuclei.
struct PlantedEvent {
  PlantedEventKind kind = PlantedEventKind::merge;
  std::size_t moment = 0; ///< the later one
  std::vector<int> from;  ///< rising
  std::vector<int> to;    ///< rising
};

/// Events of a family tree: parents[moment][nucleus] lists nuclei of the moment before. Several parents:
/// merge; one parent of several: divide; none: nucleate; no child: dissolve. By moment, kind, numbers.
/// \throws core::ConfigError for a parent that does not exist.
[[nodiscard]] std::vector<PlantedEvent>
planted_events(const std::vector<std::vector<std::vector<int>>>& parents);

/// Chemically ordered nuclei in one particle at several moments; sites, and the deviates that fill them, are
/// the same at all moments, so atoms change only where order does.
struct OrderPhantom {
  ParticleOptions particle;                         ///< one A1 grain of two elements; its nuclei are not used
  std::vector<std::vector<OrderedNucleus>> moments; ///< >= 1
  std::vector<std::vector<std::vector<int>>> parents; ///< [moment][nucleus], of moment 0 without meaning
};

/// \throws core::ConfigError as build_particle(), and for parents that do not fit the nuclei.
[[nodiscard]] std::vector<core::Atoms> build_phantom(const OrderPhantom& phantom);

/// A crystal in liquid-like surroundings: fcc atoms within the radius, shaken more from the core outwards.
struct PlantedCrystal {
  core::Vec3 centre_a = core::Vec3::Zero(); ///< [angstrom]
  double radius_a = 8.0;                    ///< 3 .. 100 [angstrom]
  core::Mat3 rotation = core::Mat3::Identity();
  double shake_core_a = 0.02; ///< rms displacement per axis at the centre, 0 .. 0.5 [angstrom]
  double shake_rim_a = 0.25;  ///< the same at the radius; in between it rises with the distance, so the order
                              ///< falls with its square, as that of a generalised Gaussian of beta = 2
};

struct LiquidPhantom {
  double radius_a = 20.0; ///< of the spherical particle, 5 .. 200 [angstrom]
  int atomic_number = 78;
  double lattice_constant_a = 3.92;
  double density_per_a3 = 0.058; ///< of the liquid (Pt at 2041 K: 0.058)
  double min_distance_a = 2.4;
  double u_rms_a = 0.0; ///< > 0: column u_rms for imaging, per axis [angstrom]
  std::vector<std::vector<PlantedCrystal>> moments;
  std::vector<std::vector<std::vector<int>>> parents;
  std::uint64_t seed = 1;
};

/// Column "planted": number of the crystal, -1 in the liquid. Where crystals meet, atoms belong to the one
/// with the lower number.
/// \throws core::ConfigError for crystals that leave the particle or values out of range; core::NumericsError
///   as random_packing().
[[nodiscard]] std::vector<core::Atoms> build_phantom(const LiquidPhantom& phantom);

} // namespace aet::specimen
