// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What failures of one cause share: numbers, addresses and folders may differ.
enum Fingerprint {
    /// 16 hexadecimal digits for an error of `stage` with this text.
    static func of(_ stage: Stage, _ text: String) -> String {
        var hasher = FieldHasher()
        hasher.add(stage.rawValue)
        hasher.add(normalised(text))
        return String(hasher.finish().prefix(16))
    }

    /// `text` with each number as `#` and each path without its folders.
    static func normalised(_ text: String) -> String {
        var result: [UInt8] = []
        var word: [UInt8] = []
        for byte in text.utf8 {
            if isPathByte(byte) {
                word.append(byte)
            } else {
                flush(&word, into: &result)
                result.append(byte)
            }
        }
        flush(&word, into: &result)
        return String(decoding: result, as: UTF8.self)
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "_./+-~".utf8.contains(byte)
    }

    private static func flush(_ word: inout [UInt8], into result: inout [UInt8]) {
        defer { word.removeAll(keepingCapacity: true) }
        let name = word.split(separator: UInt8(ascii: "/")).last ?? []
        if name.starts(with: "0x".utf8), name.dropFirst(2).allSatisfy(isHexadecimal) {
            result.append(UInt8(ascii: "#"))
            return
        }
        for byte in name {
            let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            if isDigit, result.last == UInt8(ascii: "#") { continue }
            result.append(isDigit ? UInt8(ascii: "#") : byte)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
    }
}
