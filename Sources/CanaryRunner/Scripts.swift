// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text of a file of `Scripts`, without the newline at its end.
    ///
    /// They are read as they are by the shells of containers and of reproductions: parts, without a header.
    init(script: [UInt8]) { self.init(decoding: script.dropLast(), as: UTF8.self) }
}
