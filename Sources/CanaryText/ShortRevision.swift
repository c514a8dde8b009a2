// SPDX-License-Identifier: Apache-2.0

extension String {
    /// This revision, or image digest, as short as people write it: ten digits.
    package var shortRevision: String {
        let kind = "sha256:"
        return hasPrefix(kind) ? kind + dropFirst(kind.count).prefix(10) : String(prefix(10))
    }
}
