#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup basics
/// @{

/// A 128-bit universally unique identifier (RFC 9562). A plain value: distinct objects may be used
/// from any thread.
class Uuid {
 public:
  /// In network byte order, as RFC 9562 lays them out.
  using Bytes = std::array<std::uint8_t, 16>;

  /// The nil UUID.
  constexpr Uuid() = default;
  /// Takes any sixteen bytes: version and variant are not looked at.
  constexpr explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  /// A new UUIDv7 (RFC 9562 section 5.7): milliseconds of the system clock, then random bits of a
  /// generator of the calling thread that is seeded by the operating system. Ids made by one thread
  /// increase strictly. Thread-safe.
  static Uuid generate();

  /// Reads the canonical form, 36 characters, either case. Anything else is nullopt.
  static std::optional<Uuid> parse(std::string_view text);

  /// The canonical form in lower case.
  std::string to_string() const;

  /// The sixteen bytes, for storage and hashing.
  constexpr const Bytes& bytes() const { return bytes_; }
  /// True for the nil UUID, which stands for "none".
  constexpr bool is_nil() const { return *this == Uuid{}; }

  /// By bytes, and so by time for UUIDv7.
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  Bytes bytes_{};
};

/// An identifier that cannot be mistaken for one of another kind.
template <typename Tag>
class StrongId {
 public:
  /// The nil id, which names nothing.
  constexpr StrongId() = default;
  /// An id that is known already, as when it is read from a database.
  constexpr explicit StrongId(const Uuid& uuid) : uuid_(uuid) {}

  /// See Uuid::generate().
  static StrongId generate() { return StrongId(Uuid::generate()); }

  /// See Uuid::parse().
  static std::optional<StrongId> parse(std::string_view text) {
    const auto uuid = Uuid::parse(text);
    if (!uuid) return std::nullopt;
    return StrongId(*uuid);
  }

  /// See Uuid::to_string().
  std::string to_string() const { return uuid_.to_string(); }
  /// The id without its kind.
  constexpr const Uuid& uuid() const { return uuid_; }
  /// True for an id that names nothing.
  constexpr bool is_nil() const { return uuid_.is_nil(); }

  /// As Uuid compares.
  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  Uuid uuid_;
};

/// One tenant: whose jobs, keys and records they are.
using TenantId = StrongId<struct TenantTag>;
/// One job, whatever is run of it and how often.
using JobId = StrongId<struct JobTag>;
/// One batch of a job; its attempts share it.
using BatchId = StrongId<struct BatchTag>;
/// One process that runs an engine.
using NodeId = StrongId<struct NodeTag>;
/// Names one claim of one task; fresh for each claim, so that a worker whose lease was taken over
/// can change nothing.
using LeaseToken = StrongId<struct LeaseTag>;
/// One rejected record; it stays the same when the record is rejected again.
using DeadLetterId = StrongId<struct DeadLetterTag>;
/// One API key; it is no secret.
using ApiKeyId = StrongId<struct ApiKeyTag>;
/// One uploaded file.
using UploadId = StrongId<struct UploadTag>;
/// One migration: many tables at once, with a job each.
using MigrationId = StrongId<struct MigrationTag>;

/// @}

}  // namespace freight

/// @cond
// So that ids can be keys of unordered containers.
template <typename Tag>
struct std::hash<freight::StrongId<Tag>> {
  // Not stable from one process to the next.
  std::size_t operator()(const freight::StrongId<Tag>& id) const noexcept {
    const auto& bytes = id.uuid().bytes();
    return std::hash<std::string_view>{}(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
};
/// @endcond
