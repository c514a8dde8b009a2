// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// Why something on the disk could not be read or created.
package struct FolderFailure: Error, Hashable, CustomStringConvertible {
    /// What was tried, such as `read` or `create`.
    package let action: String
    /// The file or folder.
    package let path: String
    /// The system's error number.
    package let code: Int32

    /// Describes a failure; `code` is the system's `errno`.
    package init(action: String, path: String, code: Int32) {
        self.action = action
        self.path = path
        self.code = code
    }

    /// The reason an attempt that needed it ends with.
    package var reason: ReasonCode {
        code == ENOSPC || code == EDQUOT ? .environmentDiskFull : .environmentEngine
    }

    package var description: String { "cannot \(action) `\(path)`: \(String(cString: strerror(code)))" }
}
