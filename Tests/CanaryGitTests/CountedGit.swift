// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryTestSupport
import Foundation

/// A git whose processes are counted.
struct CountedGit {
    let git: Git
    private let log: String

    init(_ temporary: TemporaryFolder, limits: GitLimits = GitLimits(), adding variables: [String: String] = [:]) {
        let log = temporary("git.log")
        let real = shell(["sh", "-c", "command -v git"])
        temporary.write("bin/git", "#!/bin/sh\necho run >> '\(log)'\nexec \(real) \"$@\"\n", mode: 0o755)
        let own = ["PATH": "\(temporary("bin")):/usr/bin:/bin", "HOME": temporary.path, "GIT_CONFIG_NOSYSTEM": "1"]
        git = Git(limits: limits, environment: own.merging(variables) { $1 })
        self.log = log
    }

    /// Processes since the last question.
    func count() -> Int {
        defer { unlink(log) }
        return (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }
}
