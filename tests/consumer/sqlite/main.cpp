// A program that links one backend, and opens its storage without the registry of all of them.

#include <filesystem>
#include <iostream>
#include <string>

#include "freight/sqlite_storage.hpp"
#include "freight/version.hpp"

int main(int, char** arguments) {
  const auto file = std::filesystem::path(arguments[0]).replace_extension(".db");
  const auto storage = freight::open_sqlite_storage("sqlite:" + file.string());
  std::cout << "Freight " << freight::version() << '\n'
            << storage->tenants().find_or_create("default").name << '\n';
}
