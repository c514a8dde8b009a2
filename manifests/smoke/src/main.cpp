// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <exception>
#include <iostream>

/// Runs the checks of all projects that this program is linked with, in one process, to test that they work side by
/// side.
int main() {
    int failures = 0;
    for (const Check& check : Check::all()) {
        try {
            std::cout << check.project << ": " << check.run() << "\n";
        } catch (const std::exception& error) {
            std::cout << check.project << ": error: " << error.what() << "\n";
            ++failures;
        }
    }
    std::cout << Check::all().size() << " projects in one program, " << failures << " failed\n";
    return failures == 0 && !Check::all().empty() ? 0 : 1;
}
