// SPDX-License-Identifier: Apache-2.0

/// The paths in rules for make as compilers write them, `.d`: what stands behind the colons.
enum MakeRule {
    /// How long a target may be: as long as a path.
    private static let targetLimit = 4096

    /// Hands each path to `body`; one that ends with a colon is a target, and without one at its start `bytes` are not
    /// what a compiler wrote.
    static func paths(in bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard bytes.prefix(targetLimit).firstIndex(where: isBlank).map({ $0 > 0 && bytes[$0 - 1] == 0x3A }) == true
        else { return }
        var position = 0
        var word: [UInt8] = []
        while position < bytes.count {
            let start = position
            var isPlain = true
            while position < bytes.count, !isBlank(bytes[position]) {
                // A blank or a hash behind a backslash, and a doubled dollar, are part of the path.
                let isEscape = (bytes[position] == 0x5C || bytes[position] == 0x24) && position + 1 < bytes.count
                if isEscape, escapes(bytes[position + 1], behind: bytes[position]) {
                    if isPlain { word = Array(bytes[start..<position]) }
                    isPlain = false
                    position += 1
                }
                if !isPlain { word.append(bytes[position]) }
                position += 1
            }
            let found = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
            if isPlain { hand(found, to: body) } else { word.withUnsafeBytes { hand($0, to: body) } }
            position += 1
        }
    }

    private static func hand(_ word: UnsafeRawBufferPointer, to body: (UnsafeRawBufferPointer) -> Void) {
        guard let last = word.last, last != 0x3A, word.count > 1 || last != 0x5C else { return }
        body(word)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    private static func escapes(_ byte: UInt8, behind mark: UInt8) -> Bool {
        mark == 0x5C ? byte == 0x20 || byte == 0x23 : byte == 0x24
    }
}
