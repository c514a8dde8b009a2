// SPDX-License-Identifier: Apache-2.0

import CanaryModel

extension FirstError {
    /// `file:line: text` without saying the place twice.
    var spoken: String {
        guard let file, !text.hasPrefix(file) else { return text }
        return line.map { "\(file):\($0): \(text)" } ?? "\(file): \(text)"
    }
}
