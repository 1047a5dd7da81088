#include "migration/run/side_by_side.hpp"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace freight::migration {

void run_side_by_side(std::size_t threads, const std::function<void()>& work) {
  std::mutex mutex;
  std::exception_ptr failed;
  {
    std::vector<std::jthread> running;
    for (std::size_t number = 0; number < threads; ++number) {
      running.emplace_back([&] {
        try {
          work();
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (failed == nullptr) failed = std::current_exception();
        }
      });
    }
  }
  if (failed != nullptr) std::rethrow_exception(failed);
}

}  // namespace freight::migration
