#pragma once

// What opening a storage does, and what closing it leaves.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#include "freight/testing/storage/storage_fixture.hpp"

namespace freight::testing {

/// Nothing is open before the test opens it.
class OpeningSuite : public StorageSuite {
 protected:
  void SetUp() override { target_ = GetParam().make(); }

  void reopen() {
    storage_.reset();
    storage_ = target().open();
  }
};

TEST_P(OpeningSuite, OpeningBringsANewStorageUpToDate) {
  reopen();
  const auto status = storage_->schema_status();
  EXPECT_EQ(status.version, status.latest);
  EXPECT_TRUE(storage_->tenants().list().empty());
  EXPECT_FALSE(storage_->display_url().empty());
}

TEST_P(OpeningSuite, UpgradingAgainChangesNothing) {
  reopen();
  const auto tenant = storage_->tenants().find_or_create("t").id;
  const auto before = storage_->schema_status();
  storage_->upgrade();
  const auto after = storage_->schema_status();
  EXPECT_EQ(after.version, before.version);
  ASSERT_EQ(after.migrations.size(), before.migrations.size());
  for (std::size_t i = 0; i < after.migrations.size(); ++i) {
    EXPECT_EQ(after.migrations[i].applied_at, before.migrations[i].applied_at);
  }
  EXPECT_TRUE(storage_->tenants().find(tenant).has_value());
}

TEST_P(OpeningSuite, WhatWasCommittedIsThereWhenItIsOpenedAgain) {
  if (!GetParam().persistent) GTEST_SKIP() << "it keeps nothing";
  reopen();
  tenant_ = storage_->tenants().find_or_create("t").id;
  node_ = enter(*storage_);
  const auto id = planned_job(2);
  acknowledge(completed(claim(1, 0).at(0)));
  work().remove_node(node_);
  const auto before = storage_->schema_status();
  reopen();
  EXPECT_EQ(storage_->schema_status().version, before.version);
  EXPECT_EQ(storage_->tenants().find_or_create("t").id, tenant_);
  node_ = enter(*storage_);
  EXPECT_EQ(job(id).records.succeeded, 10U);
  const auto rest = claim(9, 9);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].sequence, 1U);
}

TEST_P(OpeningSuite, ManyProcessesMayOpenANewStorageAtOnce) {
  if (!GetParam().processes) GTEST_SKIP() << "only one process can open it";
  std::vector<pid_t> children;
  for (int i = 0; i < 5; ++i) {
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int code = 1;
      try {
        auto storage = target().open();
        storage->tenants().find_or_create("t");
        code = storage->schema_status().version == storage->schema_status().latest ? 0 : 2;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
      }
      ::_exit(code);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  reopen();
  EXPECT_EQ(storage_->tenants().list().size(), 1U);
}

}  // namespace freight::testing
