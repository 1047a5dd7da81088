#pragma once

// Tenants and their keys.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

class TenantSuite : public StorageSuite {
 protected:
  TenantStore& tenants() { return storage_->tenants(); }
};

TEST_P(TenantSuite, CreatesAndFinds) {
  const auto made = tenants().create({.name = "Ünï 'x'", .external_id = "crm-7", .weight = 3});
  EXPECT_EQ(made.name, "Ünï 'x'");
  EXPECT_EQ(made.weight, 3U);
  EXPECT_EQ(made.status, TenantStatus::active);
  EXPECT_LT(std::chrono::abs(made.created_at - std::chrono::system_clock::now()),
            std::chrono::seconds(60));
  EXPECT_EQ(tenants().find(made.id)->name, made.name);
  EXPECT_EQ(tenants().find_by_external_id("crm-7")->id, made.id);
  EXPECT_EQ(tenants().find_by_external_id("crm-8"), std::nullopt);
  EXPECT_EQ(tenants().find_by_external_id(std::string("crm-7\0x", 7)), std::nullopt);
  EXPECT_EQ(tenants().find(TenantId::generate()), std::nullopt);
}

TEST_P(TenantSuite, RefusesWhatIsTakenOrOutOfBounds) {
  tenants().create({.name = "a", .external_id = "x"});
  const auto refused = [&](const NewTenant& tenant) {
    return code_of([&] { tenants().create(tenant); }) == Code::invalid_value;
  };
  EXPECT_TRUE(refused({.name = "a"}));
  EXPECT_TRUE(refused({.name = "b", .external_id = "x"}));
  EXPECT_TRUE(refused({.name = ""}));
  EXPECT_TRUE(refused({.name = std::string(201, 'n')}));
  EXPECT_TRUE(refused({.name = std::string("a\0b", 3)}));
  EXPECT_TRUE(refused({.name = "\xff"}));
  EXPECT_TRUE(refused({.name = "c", .external_id = ""}));
  EXPECT_TRUE(refused({.name = "c", .weight = 0}));
  EXPECT_EQ(tenants().create({.name = std::string(200, 'n')}).name.size(), 200U);
}

TEST_P(TenantSuite, FindOrCreateMakesOneHoweverManyAsk) {
  auto& second = another_storage();
  std::vector<std::thread> threads;
  std::vector<TenantId> ids(8);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back(
        [&, i] { ids[i] = (i % 2 == 0 ? *storage_ : second).tenants().find_or_create("race").id; });
  }
  for (auto& thread : threads) thread.join();
  for (const auto id : ids) EXPECT_EQ(id, ids[0]);
}

TEST_P(TenantSuite, ListsByName) {
  for (const auto* name : {"b", "a", "C"}) tenants().create({.name = name});
  std::vector<std::string> names;
  for (const auto& tenant : tenants().list()) names.push_back(tenant.name);
  EXPECT_EQ(names, (std::vector<std::string>{"C", "a", "b", "default"}));
}

TEST_P(TenantSuite, SuspendsAndResumes) {
  tenants().set_status(tenant_, TenantStatus::suspended);
  EXPECT_EQ(tenants().find(tenant_)->status, TenantStatus::suspended);
  tenants().set_status(tenant_, TenantStatus::active);
  EXPECT_EQ(tenants().find(tenant_)->status, TenantStatus::active);
  EXPECT_EQ(code_of([&] { tenants().set_status(TenantId::generate(), TenantStatus::active); }),
            Code::not_found);
}

TEST_P(TenantSuite, ADeletedTenantIsNotFoundAndItsNameIsFree) {
  const auto id = tenants().create({.name = "gone", .external_id = "e"}).id;
  const auto job = submit(id);
  tenants().remove(id);
  EXPECT_EQ(tenants().find(id), std::nullopt);
  EXPECT_EQ(tenants().find_by_external_id("e"), std::nullopt);
  EXPECT_EQ(tenants().list().size(), 1U);
  EXPECT_EQ(code_of([&] { tenants().remove(id); }), Code::not_found);
  EXPECT_EQ(code_of([&] { tenants().set_status(id, TenantStatus::active); }), Code::not_found);
  EXPECT_NE(tenants().create({.name = "gone", .external_id = "e"}).id, id);
  EXPECT_TRUE(jobs().find_job(id, job).has_value()) << "its jobs stay";
}

TEST_P(TenantSuite, AKeyIsFoundByItsSecret) {
  const auto made =
      tenants().create_key({.tenant_id = tenant_, .scopes = {Scope::write, Scope::read}});
  EXPECT_TRUE(made.secret.starts_with("frt_"));
  EXPECT_EQ(made.secret.size(), 44U);
  EXPECT_EQ(made.key.prefix, made.secret.substr(0, 8));
  EXPECT_EQ(made.key.scopes, (std::vector{Scope::read, Scope::write}));
  EXPECT_EQ(made.key.expires_at, std::nullopt);
  const auto found = tenants().find_key(made.secret);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, made.key.id);
  EXPECT_EQ(found->tenant_id, tenant_);
  EXPECT_EQ(tenants().find_key(made.secret + "x"), std::nullopt);
  EXPECT_EQ(tenants().find_key(""), std::nullopt);
}

TEST_P(TenantSuite, KeysAreListedByTenantUntilRevoked) {
  const auto other = tenants().create({.name = "other"}).id;
  const auto first = tenants().create_key({.tenant_id = tenant_});
  const auto second = tenants().create_key({.tenant_id = tenant_});
  const auto installation = tenants().create_key({.tenant_id = std::nullopt});
  EXPECT_TRUE(installation.key.scopes.empty());
  EXPECT_EQ(tenants().list_keys(tenant_).size(), 2U);
  EXPECT_EQ(tenants().list_keys(tenant_).at(0).id, first.key.id);
  EXPECT_EQ(tenants().list_keys(other).size(), 0U);
  EXPECT_EQ(tenants().list_keys(std::nullopt).at(0).id, installation.key.id);
  tenants().revoke_key(first.key.id);
  EXPECT_EQ(tenants().list_keys(tenant_).size(), 1U);
  EXPECT_EQ(tenants().find_key(first.secret), std::nullopt);
  EXPECT_TRUE(tenants().find_key(second.secret).has_value());
  EXPECT_EQ(code_of([&] { tenants().revoke_key(first.key.id); }), Code::not_found);
}

TEST_P(TenantSuite, AKeyEndsWithItsTenant) {
  const auto made =
      tenants().create_key({.tenant_id = tenant_, .expires_in = std::chrono::hours(1)});
  EXPECT_TRUE(tenants().find_key(made.secret).has_value());
  ASSERT_TRUE(made.key.expires_at.has_value());
  EXPECT_LT(std::chrono::abs(*made.key.expires_at - made.key.created_at - std::chrono::hours(1)),
            std::chrono::seconds(10));
  const auto other = tenants().create({.name = "other"}).id;
  const auto of_other = tenants().create_key({.tenant_id = other});
  tenants().remove(other);
  EXPECT_EQ(tenants().find_key(of_other.secret), std::nullopt);
  EXPECT_EQ(code_of([&] { tenants().create_key({.tenant_id = other}); }), Code::not_found);
}

TEST_P(TenantSuite, RefusesAKeyWithoutScopesOrWithoutALifetime) {
  EXPECT_EQ(code_of([&] { tenants().create_key({.tenant_id = tenant_, .scopes = {}}); }),
            Code::invalid_value);
  EXPECT_EQ(code_of([&] {
              tenants().create_key({.tenant_id = tenant_, .expires_in = std::chrono::seconds(0)});
            }),
            Code::invalid_value);
}

}  // namespace freight::testing
