#include "validation/synthesis/ranks.hpp"

#include "sim/core/error.hpp"

#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace aet::validation {

Ranks Ranks::from_launcher() {
  Ranks ranks;
  // Set by Open MPI, MPICH and Slurm's PMI for the processes they start.
  const bool launched = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMI_SIZE") != nullptr;
  if (!launched) return ranks;
  if (MPI_Init(nullptr, nullptr) != MPI_SUCCESS)
    throw core::ExternalError("MPI could not start under this launcher; run the command without mpirun");
  ranks.joined_ = true;
  MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks.size_);
  MPI_Comm here = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
  MPI_Comm_size(here, &ranks.size_here_);
  MPI_Comm_free(&here);
  return ranks;
}

Ranks::Ranks(Ranks&& other) noexcept
    : rank_(other.rank_), size_(other.size_), size_here_(other.size_here_),
      joined_(std::exchange(other.joined_, false)) {}

Ranks::~Ranks() {
  if (joined_) MPI_Finalize();
}

void Ranks::wait_for_all() const {
  if (joined_) MPI_Barrier(MPI_COMM_WORLD);
}

void Ranks::abandon(int exit_code) const {
  if (joined_ && size_ > 1) MPI_Abort(MPI_COMM_WORLD, exit_code);
}

} // namespace aet::validation
