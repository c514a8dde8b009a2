// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Something in a state folder that can be removed as a whole.
package enum StateItem: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The installed tree of a build.
    case prefix(project: String, key: String)
    /// The log of an attempt.
    case log(attempt: String)
    /// The bare mirror of a project.
    case mirror(project: String)
    /// The compiler cache of a project in a variant.
    case compilerCache(project: String, variant: String)
    /// Something that a process which died left incomplete, by its path below the state folder.
    case leftover(path: String)

    /// What it is, as documents write it.
    package var kind: String {
        switch self {
        case .prefix: "prefix"
        case .log: "log"
        case .mirror: "mirror"
        case .compilerCache: "ccache"
        case .leftover: "leftover"
        }
    }

    /// Its path below the state folder.
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

/// An item of an inventory with its size and age.
package struct InventoryEntry: Hashable, Sendable {
    /// The item.
    package let item: StateItem
    /// Its size on the disk, in bytes.
    package let bytes: Int
    /// When it was last used: a prefix built or built upon, a log finished, a mirror or cache written to; nil when
    /// history does not know.
    package let lastUsedAt: Date?

    /// Makes an entry.
    package init(_ item: StateItem, bytes: Int, lastUsedAt: Date?) {
        self.item = item
        self.bytes = bytes
        self.lastUsedAt = lastUsedAt
    }
}

/// Everything in a state folder.
package struct StateInventory: Hashable, Sendable {
    /// What can be removed, unless a root retains it.
    package var entries: [InventoryEntry]
    /// The size of everything else, above all of the database, in bytes.
    package var otherBytes: Int

    /// Makes an inventory.
    package init(entries: [InventoryEntry] = [], otherBytes: Int = 0) {
        self.entries = entries
        self.otherBytes = otherBytes
    }

    /// The size of the whole folder, in bytes.
    package var bytes: Int { entries.reduce(otherBytes) { $0 + $1.bytes } }
}
