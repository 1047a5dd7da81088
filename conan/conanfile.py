"""Conan 2 recipe: `conan create conan --profile:all conan/profiles/linux-gcc12`."""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class FreightConan(ConanFile):
    name = "freight"
    license = "Apache-2.0"
    description = "Moves records between systems and proves what became of each"
    topics = ("etl", "migration", "job-queue", "exactly-once")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_sqlite": [True, False], "with_postgresql": [True, False], "with_freightd": [True, False]}
    default_options = {
        "with_sqlite": True,
        "with_postgresql": True,
        "with_freightd": False,
        "boost/*:without_json": False,
    }

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, os.pardir)

    def set_version(self):
        # The version stands in one place: project() of the top CMakeLists.txt.
        project = load(self, os.path.join(self._root, "CMakeLists.txt"))
        self.version = self.version or re.search(r"VERSION (\d+\.\d+\.\d+)", project).group(1)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "libfreight/*", "freightd/*"):
            copy(self, pattern, src=self._root, dst=self.export_sources_folder)

    def configure(self):
        self.options["soci"].with_sqlite3 = self.options.with_sqlite
        self.options["soci"].with_postgresql = self.options.with_postgresql

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]")
        self.requires("openssl/[>=3 <4]")
        self.requires("re2/[>=20230301]")
        self.requires("xxhash/[>=0.8 <1]")
        self.requires("zlib/[>=1.2.11 <2]")
        self.requires("zstd/[>=1.4 <2]")
        self.requires("libzip/[>=1.7 <2]")
        if self.options.with_sqlite or self.options.with_postgresql:
            self.requires("soci/[>=4.0.3 <5]")
        if self.options.with_sqlite:
            self.requires("sqlite3/[>=3.38 <4]")
        if self.options.with_postgresql:
            self.requires("libpq/[>=14 <18]")

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables.update({
            "FREIGHT_SQLITE": bool(self.options.with_sqlite),
            "FREIGHT_POSTGRESQL": bool(self.options.with_postgresql),
            "FREIGHT_BUILD_FREIGHTD": bool(self.options.with_freightd),
            "FREIGHT_BUILD_TESTS": False,
            "FREIGHT_BUILD_EXAMPLES": False,
            "FREIGHT_BUILD_BENCHMARKS": False,
        })
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # Freight's own CMake package names its targets and finds what they need.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "Freight")]
        backends = []
        if self.options.with_postgresql:
            backends.append("freight_postgresql")
        if self.options.with_sqlite:
            backends.append("freight_sqlite")
        shared = ["freight_sql"] if backends else []
        self.cpp_info.libs = ["freight", *backends, *shared, "freight_core"]
        self.cpp_info.system_libs = ["pthread", "dl"]
