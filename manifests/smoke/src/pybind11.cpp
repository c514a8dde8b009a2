// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <pybind11/embed.h>

static const Check check("pybind11", [] {
    // Twice, because a head once broke destructors in the second interpreter of a process.
    for (int round = 0; round < 2; ++round) {
        pybind11::scoped_interpreter interpreter;
        require(pybind11::eval("6 * 7").cast<int>() == 42, "Python counts wrong");
    }
    return "version " + std::to_string(PYBIND11_VERSION_MAJOR) + "." + std::to_string(PYBIND11_VERSION_MINOR);
});
