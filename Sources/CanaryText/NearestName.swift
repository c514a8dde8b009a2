// SPDX-License-Identifier: Apache-2.0

/// Finds the name that somebody probably meant.
package enum NearestName {
    /// A longer name is not a typing error, and the distance takes the product of both lengths.
    private static let longest = 100

    /// The name in `names` that `name` was probably meant to be, at most a third of its letters away; nil when none is.
    package static func of(_ name: String, among names: some Sequence<String>) -> String? {
        guard name.count <= longest else { return nil }
        let bound = max(1, name.count / 3)
        let near = names.filter { abs($0.count - name.count) <= bound }
            .map { (distance: editDistance(folded(name), folded($0)), name: $0) }
            .filter { $0.distance <= bound }
        return near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// `did you mean ...?` about the unknown `name`; nil when no name is near.
    package static func question(_ name: String, among names: some Sequence<String>) -> String? {
        of(name, among: names).map { "did you mean \(quoted($0))?" }
    }

    /// The hint of a message about the unknown `name`: the nearest of `names`, else all of them; nil when there are none.
    package static func hint(_ name: String, among names: some Sequence<String>) -> String? {
        let known = Array(names)
        return question(name, among: known) ?? (known.isEmpty ? nil : "known: \(quotedList(known))")
    }

    private static func folded(_ name: String) -> [Character] {
        name.lowercased().map { $0 == "_" ? "-" : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make `left` into `right`.
    private static func editDistance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (character == other ? 0 : 1))
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
