// SPDX-License-Identifier: Apache-2.0

extension ReasonCode {
    /// Whether the same inputs may pass soon, so that an attempt that ended for this reason is made again: an
    /// infrastructure error that may go away by itself.
    package var isWorthRetry: Bool {
        switch self {
        case .fetchProxy, .environmentClock, .inspectWrongUpstream, .inspectUnusedUpstream: false
        default: fault == .environment
        }
    }

    /// What helps against a failure of the machine, without a final full stop; nil where the log alone tells.
    package var hint: String? {
        switch self {
        case .fetchUnreachable: "check the network and the name servers of this machine"
        case .fetchProxy: "give the user and password of the proxy to the machine; a retry will not help"
        case .fetchRateLimited: "wait, sign in to the registry, or use a mirror of it"
        case .limitMemory: "raise `limits: {memory}`, or build with fewer processes at a time"
        case .limitDisk: "raise `limits: {disk}`"
        case .limitProcesses: "raise `limits: {processes}`, or build with fewer processes at a time"
        case .limitFiles: "raise the limit of open files of the user or the engine (`ulimit -n`)"
        case .limitSharedMemory: "let the build use `TMPDIR` instead of /dev/shm, or give the engine a larger one"
        case .environmentDiskFull: "free space on the disk of the state folder; `canary gc` removes what nothing needs"
        case .environmentKilled: "fewer `jobs`, or more memory for the machine"
        case .environmentClock: "set the clock of the machine, and remove files that are dated in the future"
        case .environmentCompilerCache: "check the size, the owner and the settings of the compiler cache"
        default: nil
        }
    }
}
