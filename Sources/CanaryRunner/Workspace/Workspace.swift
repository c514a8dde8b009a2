// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles

/// The folders of attempts: `attempts/<id>/{log,source,build,home,tmp}`.
package struct Workspace: Sendable {
    private let state: StateFolder
    private static let log = "log"

    /// The attempts below `state`.
    package init(state: StateFolder) { self.state = state }

    /// Creates the empty folders of `attempt`; what was there is removed.
    ///
    /// - Throws: `FolderFailure`.
    package func prepare(_ attempt: String) throws -> AttemptFolder {
        let folder = state.attempt(attempt)
        Folder.remove(folder.path)
        for path in [folder.source, folder.build, folder.home, folder.temporary] {
            try Folder.make(String(path.dropFirst(state.attempts.count)), below: state.attempts)
        }
        return folder
    }

    /// Removes everything of `attempt` except its log, whatever permissions a build left.
    ///
    /// - Parameter isStopped: asked before each file; the rest then stays, and is one of the `leftovers`.
    package func clear(_ attempt: String, unless isStopped: () -> Bool = { false }) {
        Folder.empty(state.attempt(attempt).path, keeping: [Self.log], unless: isStopped)
    }

    /// Removes everything of `attempt`.
    package func remove(_ attempt: String) {
        Folder.remove(state.attempt(attempt).path)
    }

    /// The attempts on disk.
    package var attempts: [String] { Folder.names(in: state.attempts) }

    /// The attempts on disk that have more than a log, except those in `spared`; sorted.
    package func leftovers(keeping spared: Set<String>) -> [String] {
        attempts.filter { attempt in
            !spared.contains(attempt) && Folder.names(in: state.attempt(attempt).path).contains { $0 != Self.log }
        }.sorted()
    }
}
