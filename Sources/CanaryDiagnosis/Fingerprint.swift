// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// A hash that failures of the same cause share, whatever the compiler, folders, lines, numbers and order of steps.
enum Fingerprint {
    /// 16 hexadecimal digits for `error`, which ended `stage` for `reason`; `cause` replaces its text.
    static func of(_ stage: Stage, _ reason: ReasonCode, _ error: FirstError?, cause: String?) -> String {
        var hasher = FieldHasher()
        hasher.add(stage.rawValue)
        hasher.add(signature(reason, error, cause: cause))
        return String(hasher.finish().prefix(16))
    }

    /// What is hashed together with the stage.
    static func signature(_ reason: ReasonCode, _ error: FirstError?, cause: String?) -> String {
        // What the log contains when the machine fails is random.
        if randomLogs.contains(reason) { return reason.rawValue }
        if let cause { return normalised(cause) }
        guard let error else { return reason.rawValue }
        let terms = MessageTerms(error.text)
        if let complaint = terms.complaint, let name = terms.names.first, complaint != .testFailed {
            // Compilers differ in how much of a qualified name they print; linkers print all of it.
            let last = complaint.isCompilers ? name.name.split(separator: "::").last.map(String.init) : nil
            return "\(complaint.rawValue) \(normalised(last ?? name.name))"
        }
        return normalised(error.text)
    }

    private static let randomLogs: Set<ReasonCode> = [
        .limitAttempt, .limitSilence, .limitMemory, .limitDisk, .environmentDiskFull, .environmentKilled,
        .environmentInterrupted,
    ]

    /// `text` without what differs between compilers, machines and attempts.
    static func normalised(_ text: String) -> String {
        var text = MessageTerms.plain(text)
        for word in ["; did you mean ", " [with ", " [-W"] {
            if let range = text.firstRange(of: word) { text.removeSubrange(range.lowerBound...) }
        }
        var result: [UInt8] = []
        var word: [UInt8] = []
        for byte in withoutArguments(text).utf8 {
            if isPathByte(byte) {
                word.append(byte)
            } else {
                flush(&word, into: &result)
                if byte != UInt8(ascii: " ") || result.last != byte { result.append(byte) }
            }
        }
        flush(&word, into: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// `text` with `<>` in place of template arguments, which directly follow a name.
    private static func withoutArguments(_ text: String) -> String {
        var result = ""
        var depth = 0
        for character in text {
            let isAfterName =
                result.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
                && !result.hasSuffix("operator")
            if character == "<", depth > 0 || isAfterName {
                depth += 1
                if depth == 1 { result += "<>" }
            } else if character == ">", depth > 0 {
                depth -= 1
            } else if depth == 0 {
                result.append(character)
            }
        }
        return result
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || isLetter(byte) || isDigit(byte) || "_./+-~:".utf8.contains(byte)
    }

    /// Removes the folders of a path and the numbers of a version; replaces addresses and hashes.
    private static func flush(_ word: inout [UInt8], into result: inout [UInt8]) {
        defer { word.removeAll(keepingCapacity: true) }
        for (index, part) in word.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).enumerated() {
            if index > 0 { result.append(UInt8(ascii: ":")) }
            let name = part.split(separator: UInt8(ascii: "/")).last ?? []
            result += isArbitrary(name) ? [UInt8(ascii: "#")] : withoutNumbers(name)
        }
    }

    /// Whether it is an address, a hash or the name of a temporary file.
    private static func isArbitrary(_ name: ArraySlice<UInt8>) -> Bool {
        let isHex = name.allSatisfy { isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 | 0x20 }
        if isHex, name.count > 7 { return true }
        if name.starts(with: "0x".utf8) || name.starts(with: "cmTC_".utf8) || name.starts(with: "TryCompile-".utf8) {
            return true
        }
        return name.starts(with: "cc".utf8) && name.count == 10
            && [".s", ".o"].contains { name.suffix(2).elementsEqual($0.utf8) }
    }

    /// Replaces numbers that stand alone or after `_`, `v`, `.` and `-` by `#`; those in `V3f` are part of the name.
    private static func withoutNumbers(_ name: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in name {
            let last = result.last
            if isDigit(byte), last == UInt8(ascii: "#") { continue }
            let isPartOfName = last.map { isLetter($0) && $0 != UInt8(ascii: "v") || isDigit($0) } ?? false
            result.append(isDigit(byte) && !isPartOfName ? UInt8(ascii: "#") : byte)
        }
        return result
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
