// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// What one project is asked to do; it returns a word on what it did, and throws when that was wrong.
struct Check {
    std::string project;
    std::function<std::string()> run;

    Check(std::string project, std::function<std::string()> run) : project(std::move(project)), run(std::move(run)) {
        all().push_back(*this);
    }

    static std::vector<Check>& all() {
        static std::vector<Check> checks;
        return checks;
    }
};

/// Ends a check that found something else than it must.
inline void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

/// A path for a file of this run; the folder is private and goes with the build.
inline std::string scratch(const char* name) {
    const char* folder = std::getenv("TMPDIR");
    return std::string(folder ? folder : "/tmp") + "/" + name;
}
