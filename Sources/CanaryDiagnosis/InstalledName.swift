// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// A name of an error as something that an installed tree may contain.
package struct InstalledName: Hashable, Sendable {
    /// What it is a name of.
    package let kind: Surface.Kind
    /// The name.
    package let name: String

    /// What `entity` may be in an installed tree: a compiler does not say whether it misses a macro or a symbol.
    package static func all(of entity: EntityName) -> [InstalledName] {
        let kinds: [Surface.Kind] =
            switch entity.kind {
            case .macro: [.macro, .symbol]
            case .symbol: [.symbol, .macro]
            case .header: [.header]
            case .file, .library: [.file]
            case .target: [.target]
            case .package: [.package]
            case .module, .command, .tool, .test: []
            }
        return kinds.map { InstalledName(kind: $0, name: entity.name) }
    }

    /// Whether `surface` contains it; nil if that is not known.
    package func isIn(_ surface: Surface) -> Bool? { surface.contains(kind, name) }
}

extension EntityName {
    /// The word that a diff contains when it changes the entity: the last identifier of a symbol, the last part of a
    /// path; nil for entities that diffs do not name.
    package var diffWord: String? {
        switch kind {
        case .macro, .module, .target, .command, .package: name
        case .header, .file: name.split(separator: "/").last.map(String.init)
        case .symbol: name.prefix { $0 != "(" && $0 != "<" }.split(separator: ":").last.map { $0.filter { $0 != " " } }
        case .library, .tool, .test: nil
        }
    }
}
