// SPDX-License-Identifier: Apache-2.0

/// What an installed tree offers to its consumers: what they can include, name, link and find.
package struct Surface: Hashable, Sendable {
    /// The kind of a named thing on the surface.
    package enum Kind: String, CaseIterable, Sendable {
        /// A CMake package as `find_package` names it; its form is the version.
        case package
        /// A target that the CMake files of the tree define; its form is the type.
        case target
        /// A header as `#include` names it; its form is a digest of its content.
        case header
        /// A macro of a header; its form has one line for each definition, `header: definition`.
        case macro
        /// A mangled symbol that a shared library exports; its form is empty.
        case symbol
        /// Any other file, by its path in the tree; its form is a digest of the content.
        case file
    }

    /// All named things of one kind.
    package struct Part: Hashable, Sendable {
        /// The form of each thing, by name; a different form means that the thing has changed.
        package let forms: [String: String]
        /// Whether all things of this kind are included.
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

    /// Whether a thing with this name is installed; nil when it was not found and its kind is incomplete.
    ///
    /// A header is also found by the last parts of its path, a package in both spellings of CMake. A symbol can be
    /// given as compilers and linkers print it, `Imath::Vec3<float>::length() const`; any matching template or overload
    /// is enough.
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
