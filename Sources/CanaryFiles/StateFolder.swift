// SPDX-License-Identifier: Apache-2.0

/// The layout of the state folder: `canary.sqlite driver.lock mirrors/ prefixes/ attempts/ ccache/`.
package struct StateFolder: Hashable, Sendable {
    /// The folder, absolute and without symbolic links.
    package let path: String

    /// Names the state folder at `path`, which must be absolute and without symbolic links, or not exist.
    package init(path: String) { self.path = path }

    /// The history database.
    package var database: String { path + "/canary.sqlite" }

    /// The file that the process using the state folder locks.
    package var driverLock: String { path + "/driver.lock" }

    /// The bare mirror of `project`.
    package func mirror(of project: String) -> String { "\(path)/mirrors/\(project).git" }

    /// All installed prefixes.
    package var prefixes: String { path + "/prefixes" }

    /// Where the build `key` of `project` is installed; the path never changes.
    package func prefix(of project: String, key: String) -> String { "\(prefixes)/\(project)/\(key)" }

    /// The compiler cache of `project` in `variant`: shared by attempts, never part of a key.
    package func compilerCache(of project: String, variant: String) -> String {
        "\(path)/ccache/\(project)/\(variant)"
    }

    /// All attempts.
    package var attempts: String { path + "/attempts" }

    /// The folder of one attempt.
    package func attempt(_ id: String) -> AttemptFolder { AttemptFolder(path: "\(attempts)/\(id)") }
}

/// The folder of one attempt.
package struct AttemptFolder: Hashable, Sendable {
    /// The folder.
    package let path: String

    /// The raw log; it stays when the rest is removed.
    package var log: String { path + "/log" }
    /// The private checkout.
    package var source: String { path + "/source" }
    /// Where stages run.
    package var build: String { path + "/build" }
    /// The private `HOME`, empty at the start of the attempt.
    package var home: String { path + "/home" }
    /// The private `TMPDIR`.
    package var temporary: String { path + "/tmp" }
    /// What a backend needs to control the attempt; exists from before its start until nothing of it runs.
    package var control: String { path + "/control" }
}
