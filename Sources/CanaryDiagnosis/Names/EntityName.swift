// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// The name of a thing that an error is about.
package struct EntityName: Hashable, Codable, Sendable {
    /// What the thing is, as far as the error says.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// A macro, or a name written like one.
        case macro
        /// A function, type, variable or namespace.
        case symbol
        /// A header, as `#include` names it.
        case header
        /// A C++ module.
        case module
        /// Any other file, without its folders.
        case file
        /// A library, as the linker or the loader names it.
        case library
        /// A target of CMake, make or ninja.
        case target
        /// A function or macro of CMake.
        case command
        /// A package, as `find_package`, pkg-config or Python names it.
        case package
        /// A program.
        case tool
        /// A test, as its runner names it.
        case test
    }

    /// What the thing is.
    package let kind: Kind
    /// Its name; for a symbol without return type, template arguments and parameters.
    package let name: String

    /// Makes a name.
    package init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

extension FirstError {
    /// The names in the text of the error, the missing or wrong one first; empty when it has none.
    package var names: [EntityName] { MessageTerms(text).names }
}
