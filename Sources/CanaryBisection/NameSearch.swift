// SPDX-License-Identifier: Apache-2.0

/// A search for the commit since which an upstream no longer installs a name.
///
/// It halves the range, because installed trees do not mislead. Positions count the upstream's own commits, as in `SearchRange`. At the base the name is installed, at the end it is
/// gone.
package struct NameSearch: Hashable, Sendable {
    /// What an installed tree shows.
    package enum Answer: String, CaseIterable, Codable, Sendable {
        case installed
        case gone
        /// The upstream does not build at this position.
        case untestable
    }

    /// The last position.
    package let last: Int
    private var answers: [Int: Answer]

    /// Starts a search over `commits` commits, at least one, or continues one with its `answers` by position.
    package init(commits: Int, answers: [Int: Answer] = [:]) {
        last = commits
        self.answers = answers
    }

    /// Records what the tree at `position` shows.
    package mutating func record(_ answer: Answer, at position: Int) { answers[position] = answer }

    /// The last position that is known to install the name, and the first that is known not to.
    private var edges: (installed: Int, gone: Int) {
        let gone = answers.filter { $0.value == .gone && $0.key > 0 }.keys.min() ?? last
        let installed = answers.filter { $0.value == .installed && $0.key < gone }.keys.max() ?? 0
        return (installed, gone)
    }

    /// The next position to build and inspect; nil when the search has ended.
    package var next: Int? {
        let (installed, gone) = edges
        let open = (installed..<gone).dropFirst().filter { answers[$0] == nil }
        let middle = (installed + gone) / 2
        return open.min { (abs($0 - middle), $0) < (abs($1 - middle), $1) }
    }

    /// The commit that removed the name, or several that cannot be distinguished; nil while the search is open.
    package var found: ClosedRange<Int>? {
        next == nil ? edges.installed + 1...edges.gone : nil
    }
}
