#pragma once

#include <string>

namespace freight::file {

/// The file's name without its endings, as a table and a job may be called.
std::string name_of_file(const std::string& path);

}  // namespace freight::file
