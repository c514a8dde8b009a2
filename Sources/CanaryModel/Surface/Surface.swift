// SPDX-License-Identifier: Apache-2.0

/// What an installed tree offers to those who build on it: what they include, name, link with and find.
package struct Surface: Hashable, Sendable {
    /// What a thing on the surface is.
    package enum Kind: String, CaseIterable, Sendable {
        /// A CMake package, as `find_package` names it; its form is the version.
        case package
        /// A target that the tree's CMake files define; its form is the type.
        case target
        /// A header, as `#include` names it; its form is a digest of the content.
        case header
        /// A macro of a header; its form has one line a definition, `header: definition`.
        case macro
        /// A symbol that a shared library exports, mangled; it has no form.
        case symbol
        /// Any other file, by its path in the tree; its form is a digest of the content.
        case file
    }

    /// All things of one kind.
    package struct Part: Hashable, Sendable {
        /// What can be seen of each thing but its name; it changes when the thing does.
        package let forms: [String: String]
        /// Whether none was left out.
        package let isComplete: Bool

        /// Makes a part of `forms` by name.
        package init(_ forms: [String: String], isComplete: Bool = true) {
            self.forms = forms
            self.isComplete = isComplete
        }
    }

    /// The parts that are not empty.
    package let parts: [Kind: Part]

    /// Makes a surface of its parts.
    package init(_ parts: [Kind: Part]) {
        self.parts = parts.filter { !$0.value.forms.isEmpty || !$0.value.isComplete }
    }

    /// Whether something called `name` is installed; nil when that kind is not completely known and it was not found.
    ///
    /// A header is found by each ending of its path that begins with a name, a package in both spellings of CMake. A
    /// symbol may be given as compilers and linkers print it: `Imath::Vec3<float>::length() const`; of templates and
    /// overloads, one that fits is enough.
    package func contains(_ kind: Kind, _ name: String) -> Bool? {
        guard let part = parts[kind] else { return false }
        let found =
            switch kind {
            case .target, .macro: part.forms[name] != nil
            case .package: part.forms[name] != nil || part.forms[name.lowercased()] != nil
            case .header, .file: part.forms[name] != nil || part.forms.keys.contains { $0.hasSuffix("/\(name)") }
            case .symbol: part.forms[name] != nil || MangledNameMatcher(name).isAmong(part.forms.keys)
            }
        return found || part.isComplete ? found : nil
    }
}
