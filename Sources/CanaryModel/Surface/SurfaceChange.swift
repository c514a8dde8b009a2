// SPDX-License-Identifier: Apache-2.0

/// The differences between two installed surfaces.
package struct SurfaceChange: Hashable, Sendable {
    /// A thing that differs.
    package struct Entry: Hashable, Sendable {
        /// Its kind.
        package let kind: Surface.Kind
        /// Its name.
        package let name: String
        /// Its form before; nil when it was added.
        package let before: String?
        /// Its form after; nil when it was removed.
        package let after: String?

        /// Makes an entry.
        package init(kind: Surface.Kind, name: String, before: String?, after: String?) {
            self.kind = kind
            self.name = name
            self.before = before
            self.after = after
        }
    }

    /// What was removed, by kind, then by name.
    package let went: [Entry]
    /// What was added, by kind, then by name.
    package let came: [Entry]
    /// What has a different form, by kind, then by name.
    package let changed: [Entry]
    /// The kinds that are incomplete in one of the two surfaces: such a thing may only seem to be removed or added.
    package let incomplete: [Surface.Kind]

    /// Compares two surfaces.
    package init(from old: Surface, to new: Surface) {
        var entries: [Entry] = []
        for kind in Surface.Kind.allCases {
            let (before, after) = (old.parts[kind]?.forms ?? [:], new.parts[kind]?.forms ?? [:])
            guard before != after else { continue }
            let names = before.keys.filter { after[$0] != before[$0] } + after.keys.filter { before[$0] == nil }
            entries += names.sorted().map { Entry(kind: kind, name: $0, before: before[$0], after: after[$0]) }
        }
        went = entries.filter { $0.after == nil }
        came = entries.filter { $0.before == nil }
        changed = entries.filter { $0.before != nil && $0.after != nil }
        incomplete = Surface.Kind.allCases.filter { kind in
            [old, new].contains { $0.parts[kind]?.isComplete == false }
        }
    }

    /// Whether nothing differs.
    package var isEmpty: Bool { went.isEmpty && came.isEmpty && changed.isEmpty }
}
