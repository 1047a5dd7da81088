#include "connectors/file/joint_fields.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "core/visible.hpp"
#include "freight/error.hpp"
#include "mapping/field_names.hpp"
#include "mapping/record_mapper.hpp"
#include "mapping/resolved_mapping.hpp"

namespace freight::file {

void JointFields::add(const std::filesystem::path& file, const SourceDescription& description) {
  if (header_of_.empty()) {
    described_ = description;
    described_.warnings.clear();
  }
  const auto [known, is_new] = known_.emplace(description.fields, headers_.size());
  header_of_.push_back(known->second);
  if (!is_new) {
    ++headers_[known->second].files;
    return;
  }
  try {
    headers_.push_back({.names = description.fields,
                        .columns = place(description.fields),
                        .first_file = header_of_.size() - 1,
                        .files = 1});
  } catch (const Error& error) {
    throw Error(error.code(), "The source " + file.string() + ": " + error.what(), error.details());
  }
}

std::vector<std::uint32_t> JointFields::place(const std::vector<std::string>& names) {
  const auto found = mapping::match_names(
      {.wanted = names, .names = all_, .match = mapping::name_match(spec_, described_)});
  std::vector<bool> taken(all_.size());
  std::vector<std::uint32_t> columns;
  columns.reserve(names.size());
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (found[index] && !taken[*found[index]]) {
      taken[*found[index]] = true;
      columns.push_back(static_cast<std::uint32_t>(*found[index]));
    } else {
      columns.push_back(static_cast<std::uint32_t>(all_.size()));
      all_.push_back(names[index]);
    }
  }
  return columns;
}

/// What the spec names; every field when it takes them as they are.
std::vector<std::string> JointFields::needed() const {
  SourceDescription source = described_;
  source.fields = all_;
  // So that it is asked as one whose fields are for the job to choose.
  source.open_fields = true;
  return mapping::used_fields(spec_, source, {}).value_or(all_);
}

void JointFields::check(std::span<const std::filesystem::path> files) const {
  const bool may_lack = spec_.schema && spec_.schema->missing_columns == MissingColumns::null;
  if (described_.open_fields || may_lack || headers_.size() < 2) return;
  std::vector<std::uint32_t> fields;
  for (const std::string& name : needed()) {
    const auto found = std::find(all_.begin(), all_.end(), name);
    // What no file has is refused as of one file.
    if (found != all_.end()) fields.push_back(static_cast<std::uint32_t>(found - all_.begin()));
  }
  // Of two kinds of files the rarer is the odd one.
  const Header* odd = nullptr;
  std::uint32_t lacks = 0;
  for (const Header& header : headers_) {
    // An empty file without a header has no records that could lack anything.
    if (header.names.empty()) continue;
    if (odd != nullptr && odd->files <= header.files) continue;
    std::vector<bool> has(all_.size());
    for (const std::uint32_t column : header.columns) has[column] = true;
    const auto lacking = std::find_if(fields.begin(), fields.end(),
                                      [&](std::uint32_t field) { return !has[field]; });
    if (lacking == fields.end()) continue;
    odd = &header;
    lacks = *lacking;
  }
  if (odd != nullptr) refuse(files, *odd, lacks);
}

void JointFields::refuse(std::span<const std::filesystem::path> files, const Header& lacking,
                         std::uint32_t field) const {
  const auto having = std::find_if(headers_.begin(), headers_.end(), [&](const Header& header) {
    return std::find(header.columns.begin(), header.columns.end(), field) != header.columns.end();
  });
  const mapping::FieldNames names(lacking.names, mapping::NameMatch::exact,
                                  mapping::NamesOf::source);
  const bool takes_all = !spec_.schema && mapping::maps_by_name(spec_);
  throw Error(Code::missing_header,
              "The source " + files[lacking.first_file].string() + " has no column \"" +
                  core::visible(all_[field]) + "\", which " + files[having->first_file].string() +
                  " has" + names.suggestion(all_[field]),
              {.hint = takes_all ? "Files that are read as one need the same columns, in any "
                                   "order; a mapping says which of them to take."
                                 : "If it may be missing, set \"missing_columns\": \"null\" in the "
                                   "schema."});
}

}  // namespace freight::file
