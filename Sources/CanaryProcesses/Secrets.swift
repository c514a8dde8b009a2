// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Glibc
import Synchronization

/// The secrets that this process was started with: the one place that reads them out of the environment.
///
/// Builds of plain processes run as the same user, and could read the environment and the memory of this process. A
/// secret that was taken is in no environment any more, neither in that of this process nor in that of a child.
package enum Secrets {
    private static let taken = Mutex<[String: String]>([:])

    /// The secrets taken so far, by the name of their variable.
    package static var values: [String: String] { taken.withLock { $0 } }

    /// Takes all variables whose name says that they hold a token of ours, `CANARY_*_TOKEN`.
    ///
    /// Call it before anything else: a process that was started earlier has them.
    package static func takeTokens() {
        take(ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("CANARY_") && $0.hasSuffix("_TOKEN") })
    }

    /// Takes the variables called `names`; those that are not set, or were taken before, are left out.
    package static func take(_ names: [String]) {
        for name in names {
            guard let value = getenv(name) else { continue }
            taken.withLock { $0[name] = String(cString: value) }
            // The kernel shows the bytes that a process was started with, whatever its list of variables says.
            memset(value, 0, strlen(value))
            unsetenv(name)
        }
    }

    /// Makes the memory of this process unreadable for other processes of the same user, except for root's.
    ///
    /// Its core is not dumped either, and only root can attach a debugger.
    package static func closeMemory() {
        // See prctl(2); Swift cannot call functions with a variable number of arguments.
        typealias Control = @convention(c) (CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong) -> CInt
        guard let address = dlsym(nil, "prctl") else { return }
        _ = unsafeBitCast(address, to: Control.self)(Self.setDumpable, 0, 0, 0, 0)
    }

    /// `PR_SET_DUMPABLE` of `<linux/prctl.h>`.
    private static let setDumpable: CInt = 4
}
