// SPDX-License-Identifier: Apache-2.0

/// The environment and common options of git.
package enum GitEnvironment {
    /// Options of every command: no programs of a repository or user, no background work, and dead connections end.
    package static let options = [
        "core.hooksPath=/dev/null", "protocol.ext.allow=never", "gc.auto=0", "maintenance.auto=false",
        "core.fsmonitor=false", "log.showSignature=false", "submodule.recurse=false", "http.lowSpeedLimit=1000",
        "http.lowSpeedTime=30",
    ].flatMap { ["-c", $0] }

    /// Options for what is read from a repository's history, and written from it: no setting of a user changes either.
    ///
    /// Git's plumbing obeys hardly any setting. These are what is left: how text is converted, which files count as
    /// changed, the shape of an index, and caches that can be wrong.
    static let neutral = [
        "color.ui=false", "core.attributesFile=/dev/null", "core.autocrlf=false", "core.checkStat=default",
        "core.commitGraph=false", "core.eol=lf", "core.fileMode=true", "core.ignoreCase=false",
        "core.logAllRefUpdates=false", "core.preferSymlinkRefs=false", "core.quotePath=true",
        "core.safecrlf=false", "core.sharedRepository=umask", "core.sparseCheckout=false", "core.splitIndex=false",
        "core.symlinks=true", "core.trustctime=true", "core.untrackedCache=false", "diff.ignoreSubmodules=none",
        "diff.renames=false", "feature.experimental=false", "feature.manyFiles=false", "i18n.commitEncoding=UTF-8",
        "i18n.logOutputEncoding=UTF-8", "index.recordEndOfIndexEntries=false", "index.skipHash=false",
        "index.sparse=false", "index.version=2",
    ].flatMap { ["-c", $0] }

    /// The line of `info/attributes`, which git reads before the `.gitattributes` of a tree.
    ///
    /// No path has a filter, a diff driver or a merge driver: these are programs that the user's configuration names, and
    /// a tree could have them run.
    package static let attributes = "* -filter !diff !merge"

    /// Options of what fetches: every object is checked when it arrives.
    ///
    /// A tree with two entries of one name, out of order, or with names that lead elsewhere is refused. What old tools
    /// left in the histories of honest projects, and what misleads nobody, passes.
    package static let checkedArrival =
        ["-c", "fetch.fsckObjects=true"] + harmless.flatMap { ["-c", "fetch.fsck.\($0)=ignore"] }

    /// Quirks of dates, names and modes, by their name in git-fsck(1).
    private static let harmless = [
        "badDate", "badDateOverflow", "badEmail", "badFilemode", "badName", "badTagName", "badTimezone", "missingEmail",
        "missingNameBeforeEmail", "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "missingTaggerEntry",
        "multipleAuthors", "nulInCommit", "nullSha1", "zeroPaddedDate", "zeroPaddedFilemode",
    ]

    /// Variables that would make git use another repository or read it differently.
    private static let misleading: Set<String> = [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_ATTR_SOURCE", "GIT_CEILING_DIRECTORIES", "GIT_COMMON_DIR",
        "GIT_CONFIG", "GIT_DEFAULT_HASH", "GIT_DEFAULT_REF_FORMAT", "GIT_DIFF_OPTS", "GIT_DIR", "GIT_EXEC_PATH",
        "GIT_EXTERNAL_DIFF", "GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE",
        "GIT_INDEX_VERSION", "GIT_INTERNAL_SUPER_PREFIX", "GIT_LITERAL_PATHSPECS", "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE", "GIT_TEMPLATE_DIR", "GIT_WORK_TREE",
    ]

    /// The environment of git: the user's proxy, credentials and insteadOf stay, and prompts fail.
    static func made(from environment: [String: String]) -> [String: String] {
        var made = environment.filter { !misleading.contains($0.key) }
        made["GIT_TERMINAL_PROMPT"] = "0"
        made["GIT_ASKPASS"] = "true"
        made["SSH_ASKPASS"] = "true"
        made["GIT_ATTR_NOSYSTEM"] = "1"
        // A history is read as its commits have it: neither replaced nor grafted.
        made["GIT_NO_REPLACE_OBJECTS"] = "1"
        made["GIT_GRAFT_FILE"] = "/dev/null"
        made["GIT_OPTIONAL_LOCKS"] = "0"
        made["LC_ALL"] = "C"
        // A delta of a few bytes can ask for as much memory as there is; git streams files above half of this.
        made["GIT_ALLOC_LIMIT"] = environment["GIT_ALLOC_LIMIT"] ?? "1g"
        if environment["GIT_SSH_COMMAND"] == nil, environment["GIT_SSH"] == nil {
            made["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
        }
        return made
    }
}
