#include <iostream>

#include <freight/backends.hpp>
#include <freight/version.hpp>

int main() {
  std::cout << "Freight " << freight::version() << '\n';
  for (const auto& backend : freight::built_in_backends()) std::cout << backend << '\n';
}
