#include <iostream>
#include <string_view>

#include "freight/backends.hpp"
#include "freight/version.hpp"

namespace {

constexpr int exit_success = 0;
constexpr int exit_usage = 2;

void print_version() {
  std::cout << "freightd " << freight::version() << "\nbackends:";
  for (const std::string_view backend : freight::built_in_backends()) std::cout << ' ' << backend;
  std::cout << '\n';
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::string_view command = argument_count == 2 ? arguments[1] : "";
  if (command == "version" || command == "--version") {
    print_version();
    return exit_success;
  }
  if (command == "help" || command == "--help") {
    std::cout << "usage: freightd version\n";
    return exit_success;
  }
  std::cerr << "freightd: unknown command; try 'freightd --help'\n";
  return exit_usage;
}
