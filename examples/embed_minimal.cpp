// Freight inside another program: open a storage, make an engine, submit a job, wait for it.
//
//   embed_minimal STORAGE_URL JOB.json

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <freight/freight.hpp>

namespace {

freight::Job run(const std::string& storage_url, const std::filesystem::path& job_file) {
  std::ifstream file(job_file);
  const std::string json{std::istreambuf_iterator<char>(file), {}};

  const auto storage = freight::open_storage(storage_url);
  const auto engine = freight::make_job_engine(*storage, freight::default_connectors());
  const auto tenant = storage->tenants().find_or_create("default");
  const auto spec = freight::parse_job_spec(json, {.base_folder = job_file.parent_path()});
  engine->start();
  const auto job = engine->submit(tenant.id, spec.value());
  return engine->wait(tenant.id, job);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: embed_minimal STORAGE_URL JOB.json\n");
    return 2;
  }
  try {
    const freight::Job job = run(arguments[1], std::filesystem::absolute(arguments[2]));
    std::printf("%s: read %llu, succeeded %llu, rejected %llu\n",
                std::string(to_string(job.status)).c_str(),
                static_cast<unsigned long long>(job.records.read),
                static_cast<unsigned long long>(job.records.succeeded),
                static_cast<unsigned long long>(job.records.rejected));
    if (job.error) std::fprintf(stderr, "%s\n", job.error->message.c_str());
    return job.status == freight::JobStatus::completed ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
