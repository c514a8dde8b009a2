// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Something in a state folder that may be removed whole.
package enum StateItem: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The installed tree of a build.
    case prefix(project: String, key: String)
    /// The log of an attempt.
    case log(attempt: String)
    /// The bare mirror of a project.
    case mirror(project: String)
    /// The compiler cache of a project in a variant.
    case compilerCache(project: String, variant: String)
    /// What a process that died left half made or half removed, by its path below the state folder.
    case leftover(path: String)

    /// What it is, in one word of documents.
    package var kind: String {
        switch self {
        case .prefix: "prefix"
        case .log: "log"
        case .mirror: "mirror"
        case .compilerCache: "ccache"
        case .leftover: "leftover"
        }
    }

    /// Where it lies below the state folder.
    package var path: String {
        switch self {
        case .prefix(let project, let key): "prefixes/\(project)/\(key)"
        case .log(let attempt): "attempts/\(attempt)"
        case .mirror(let project): "mirrors/\(project).git"
        case .compilerCache(let project, let variant): "ccache/\(project)/\(variant)"
        case .leftover(let path): path
        }
    }

    package var description: String { "\(kind) \(path)" }

    package static func < (left: StateItem, right: StateItem) -> Bool { left.path < right.path }
}

/// A belonging as it was found.
package struct Kept: Hashable, Sendable {
    /// What it is.
    package let belonging: StateItem
    /// The room it takes on the disk.
    package let bytes: Int
    /// When it was last of use: a prefix built or built upon, a log ended, a mirror or cache written to.
    ///
    /// Nil when history does not know it.
    package let lastUsedAt: Date?

    /// Puts down what was found.
    package init(_ belonging: StateItem, bytes: Int, lastUsedAt: Date?) {
        self.belonging = belonging
        self.bytes = bytes
        self.lastUsedAt = lastUsedAt
    }
}

/// All that lies in a state folder.
package struct StateInventory: Hashable, Sendable {
    /// What may be removed, unless somebody claims it.
    package var kept: [Kept]
    /// The room on the disk of all else: the record of history first of all.
    package var otherBytes: Int

    /// Puts down what was found.
    package init(kept: [Kept] = [], otherBytes: Int = 0) {
        self.kept = kept
        self.otherBytes = otherBytes
    }

    /// The room of the whole folder.
    package var bytes: Int { kept.reduce(otherBytes) { $0 + $1.bytes } }
}
