// SPDX-License-Identifier: Apache-2.0

/// Looks for the commit since which an upstream no longer installs a name: halving, for here nothing misleads.
///
/// The positions are those of the upstream's own commits, as in `SearchRange`. At the base the name is installed, at the
/// head it is gone.
package struct NameSearch: Hashable, Sendable {
    /// What an installed tree says.
    package enum Answer: String, CaseIterable, Codable, Sendable {
        case installed
        case gone
        /// The upstream does not build there.
        case untestable
    }

    /// The last position.
    package let head: Int
    private var answers: [Int: Answer]

    /// Begins a search over `commits` commits, at least one, or takes it up again.
    package init(commits: Int, answers: [Int: Answer] = [:]) {
        head = commits
        self.answers = answers
    }

    /// Takes what the tree at `position` says.
    package mutating func record(_ answer: Answer, at position: Int) { answers[position] = answer }

    /// The last position known to install the name, and the first known not to.
    private var edges: (installed: Int, gone: Int) {
        let gone = answers.filter { $0.value == .gone && $0.key > 0 }.keys.min() ?? head
        let installed = answers.filter { $0.value == .installed && $0.key < gone }.keys.max() ?? 0
        return (installed, gone)
    }

    /// The position to build and look at next; nil when nothing is left to ask.
    package var next: Int? {
        let (installed, gone) = edges
        let open = (installed..<gone).dropFirst().filter { answers[$0] == nil }
        let middle = (installed + gone) / 2
        return open.min { (abs($0 - middle), $0) < (abs($1 - middle), $1) }
    }

    /// The commits of which one took the name away: one, or those that nothing tells apart; nil while open.
    package var found: ClosedRange<Int>? {
        next == nil ? edges.installed + 1...edges.gone : nil
    }
}
