// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryTestSupport
import Foundation

/// Settings that users have, any of which changes what some command of git reads, writes or prints.
enum UserSettings {
    static let all: [(key: String, value: String)] = [
        ("log.showSignature", "true"), ("log.diffMerges", "combined"), ("log.follow", "true"), ("log.date", "relative"),
        ("log.decorate", "full"), ("log.mailmap", "true"), ("log.showRoot", "false"), ("log.abbrevCommit", "true"),
        ("format.pretty", "fuller"), ("pretty.raw", "oneline"), ("diff.renames", "copies"), ("diff.noprefix", "true"),
        ("diff.submodule", "log"), ("diff.ignoreSubmodules", "all"), ("diff.relative", "true"),
        ("diff.orderFile", "/nowhere"), ("diff.external", "/bin/false"), ("diff.mnemonicPrefix", "true"),
        ("diff.context", "0"), ("diff.suppressBlankEmpty", "true"), ("diff.algorithm", "patience"),
        ("color.ui", "always"), ("color.diff", "always"), ("core.pager", "false"), ("core.quotePath", "false"),
        ("core.abbrev", "4"), ("core.autocrlf", "true"), ("core.eol", "crlf"), ("core.safecrlf", "true"),
        ("core.fileMode", "false"), ("core.symlinks", "false"), ("core.ignoreCase", "true"),
        ("core.checkStat", "minimal"), ("core.trustctime", "false"), ("core.splitIndex", "true"),
        ("core.untrackedCache", "true"), ("core.fsmonitor", "/bin/false"), ("core.sparseCheckout", "true"),
        ("core.sparseCheckoutCone", "true"), ("core.logAllRefUpdates", "always"), ("core.hooksPath", "hooks"),
        ("core.attributesFile", "ATTRIBUTES"), ("core.excludesFile", "EXCLUDES"), ("core.commitGraph", "true"),
        ("core.preferSymlinkRefs", "true"), ("core.notesRef", "refs/notes/x"), ("core.warnAmbiguousRefs", "false"),
        ("core.bigFileThreshold", "1"), ("core.sharedRepository", "0600"), ("index.version", "4"),
        ("index.sparse", "true"), ("index.skipHash", "true"), ("index.threads", "4"), ("feature.manyFiles", "true"),
        ("feature.experimental", "true"), ("i18n.logOutputEncoding", "ISO-8859-1"), ("i18n.commitEncoding", "UTF-16"),
        ("submodule.recurse", "true"), ("submodule.sub.ignore", "all"), ("submodule.sub.update", "merge"),
        ("status.submoduleSummary", "true"), ("checkout.workers", "4"), ("checkout.guess", "true"),
        ("clean.requireForce", "false"), ("advice.detachedHead", "true"), ("gc.auto", "1"), ("grep.lineNumber", "true"),
        ("commit.gpgSign", "true"), ("tag.sort", "-version:refname"), ("blame.coloring", "none"),
        ("merge.conflictStyle", "diff3"), ("rerere.enabled", "true"), ("extensions.worktreeConfig", "true"),
        ("safe.bareRepository", "explicit"), ("worktree.guessRemote", "true"), ("alias.rev-list", "log"),
        ("alias.diff-tree", "show"), ("pager.rev-list", "true"), ("user.useConfigOnly", "true"),
    ]

    /// Each setting alone, then sets of which each pair is in at least one.
    static var sets: [[(key: String, value: String)]] {
        let singles = all.map { [$0] }
        let halves = (0..<7).flatMap { bit in
            [0, 1].map { side in all.indices.filter { $0 >> bit & 1 == side }.map { all[$0] } }
        }
        return singles + halves + [all]
    }

    /// A git of a user with these settings.
    static func git(_ settings: [(key: String, value: String)], home: TemporaryFolder) -> Git {
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": home.path, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "\(settings.count)",
        ]
        for (index, setting) in settings.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = setting.key
            environment["GIT_CONFIG_VALUE_\(index)"] = setting.value
                .replacing("ATTRIBUTES", with: home("attributes")).replacing("EXCLUDES", with: home("excludes"))
        }
        return Git(environment: environment)
    }
}
