// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles

/// The places where attempts are made: `attempts/<id>/{log,source,build,home,tmp}`.
package struct Workspace: Sendable {
    private let state: StateFolder
    private static let log = "log"

    /// The attempts below `state`.
    package init(state: StateFolder) { self.state = state }

    /// Makes the place of `attempt`, all its folders empty; what lay there is removed.
    ///
    /// - Throws: `FolderFailure`.
    package func prepare(_ attempt: String) throws -> AttemptFolder {
        let folder = state.attempt(attempt)
        if Folder.exists(folder.path) { Folder.empty(folder.path, keeping: []) }
        for path in [folder.path, folder.source, folder.build, folder.home, folder.temporary] {
            try Folder.make(path)
        }
        return folder
    }

    /// Removes all of `attempt` but its log, whatever a build made of its folders.
    package func clear(_ attempt: String) {
        Folder.empty(state.attempt(attempt).path, keeping: [Self.log])
    }

    /// Removes all of `attempt`.
    package func remove(_ attempt: String) {
        Folder.remove(state.attempt(attempt).path)
    }

    /// The attempts on the disk.
    package var attempts: [String] { Folder.names(in: state.attempts) }

    /// The attempts on the disk that have more than a log, but for those in `kept`; sorted.
    package func leftovers(keeping kept: Set<String>) -> [String] {
        attempts.filter { attempt in
            !kept.contains(attempt) && Folder.names(in: state.attempt(attempt).path).contains { $0 != Self.log }
        }.sorted()
    }
}
