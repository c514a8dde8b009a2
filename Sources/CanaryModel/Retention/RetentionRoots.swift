// SPDX-License-Identifier: Apache-2.0

/// What must not be removed, whatever its size.
package struct RetentionRoots: Hashable, Sendable {
    /// Keys of builds whose prefixes stay.
    package var keys: Set<String>
    /// Attempts whose logs stay.
    package var attempts: Set<String>
    /// The variants of each project of the stack: their mirrors stay, and their caches are worth keeping.
    package var variants: [String: Set<String>]

    /// Makes the roots.
    package init(keys: Set<String> = [], attempts: Set<String> = [], variants: [String: Set<String>] = [:]) {
        self.keys = keys
        self.attempts = attempts
        self.variants = variants
    }

    /// Whether `item` must stay.
    package func retains(_ item: StateItem) -> Bool {
        switch item {
        case .prefix(_, let key): keys.contains(key)
        case .log(let attempt): attempts.contains(attempt)
        case .mirror(let project): variants[project] != nil
        case .compilerCache, .leftover: false
        }
    }

    /// Whether `item` belongs to a project or a variant that the stack no longer has.
    func isForeign(_ item: StateItem) -> Bool {
        switch item {
        case .mirror(let project): variants[project] == nil
        case .compilerCache(let project, let variant): variants[project]?.contains(variant) != true
        case .prefix, .log, .leftover: false
        }
    }
}
