#include "sim/core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace aet::core {

Threads all_cores() {
  return {std::max(1, static_cast<int>(std::thread::hardware_concurrency()))};
}

namespace {

/// What the workers of one parallel_for share.
struct Shared {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> finished{0};
  std::atomic<int> running{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::condition_variable done;
  std::exception_ptr error;

  void fail(std::exception_ptr e) {
    const std::scoped_lock lock(mutex);
    if (!error) error = std::move(e);
    stop = true;
  }
};

void work(Shared& shared, std::size_t n, int worker, const std::function<void(std::size_t, int)>& body) {
  try {
    while (!shared.stop) {
      const std::size_t i = shared.next++;
      if (i >= n) break;
      body(i, worker);
      ++shared.finished;
    }
  } catch (...) {
    shared.fail(std::current_exception());
  }
}

} // namespace

void parallel_for(std::size_t n, Threads threads, const std::function<void(std::size_t, int)>& body,
                  const std::function<void(std::size_t)>& on_caller) {
  if (threads.count <= 1 && !on_caller) {
    for (std::size_t i = 0; i < n; ++i)
      body(i, 0);
    return;
  }
  const int workers = static_cast<int>(std::min<std::size_t>(
      std::max<std::size_t>(n, 1), static_cast<std::size_t>(std::max(1, threads.count))));
  Shared shared;
  std::vector<std::jthread> pool;
  // Without a callback the calling thread works too; with one it waits, wakes and reports.
  const int first_own = on_caller ? 0 : 1;
  shared.running = workers - first_own;
  for (int w = first_own; w < workers; ++w) {
    pool.emplace_back([&shared, n, w, &body] {
      work(shared, n, w, body);
      const std::scoped_lock lock(shared.mutex);
      if (--shared.running == 0) shared.done.notify_all();
    });
  }
  if (on_caller) {
    constexpr auto wake_up = std::chrono::milliseconds(100);
    std::unique_lock lock(shared.mutex);
    while (!shared.done.wait_for(lock, wake_up, [&] { return shared.running == 0; })) {
      lock.unlock();
      try {
        on_caller(shared.finished);
      } catch (...) {
        shared.fail(std::current_exception());
      }
      lock.lock();
    }
  } else {
    work(shared, n, 0, body);
  }
  pool.clear(); // joins
  if (shared.error) std::rethrow_exception(shared.error);
  if (on_caller) on_caller(shared.finished);
}

} // namespace aet::core
