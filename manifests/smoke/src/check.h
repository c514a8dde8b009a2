// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// The check of one project. It returns a short description of what it did, and throws if the result was wrong.
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

/// Fails a check whose condition does not hold.
inline void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

/// A path for a temporary file. The folder is private and is removed with the build.
inline std::string scratch(const char* name) {
    const char* folder = std::getenv("TMPDIR");
    return std::string(folder ? folder : "/tmp") + "/" + name;
}
