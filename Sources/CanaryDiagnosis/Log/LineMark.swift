// SPDX-License-Identifier: Apache-2.0

/// What a log system puts before each line of a build inside it: a time, a step, or the marks of an excerpt.
enum LineMark {
    /// How many bytes at the start of `line` are such marks.
    static func length(in line: some Collection<UInt8>) -> Int {
        // Nearly all lines begin with something else.
        guard let first = line.first, "[#0123456789 ".utf8.contains(first) || isUpper(first) else { return 0 }
        var count = 0
        // A log may be part of a log.
        for _ in 0..<3 {
            var scanner = ByteScanner(line.dropFirst(count).prefix(longest))
            guard scanner.skip(bracketed) || scanner.skip(time) || scanner.skip(step) || scanner.skip(excerpt) else {
                break
            }
            count += scanner.count
        }
        return count
    }

    /// The length of the longest mark, about.
    private static let longest = 80

    private static func isUpper(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte }

    /// `[   12s] `, `[  12.345678] `, `[12:34:56] `, `[2026-05-01T12:00:00.000Z] `, `##[error]`.
    private static func bracketed(_ scanner: inout ByteScanner) -> Bool {
        if scanner.skip("##[") { return scanner.skipLetters() && scanner.skip("]") }
        guard scanner.skip("[") else { return false }
        if scanner.skip(stamp) { return scanner.skip("] ") }
        scanner.skipSpaces()
        guard scanner.skipDigits() > 0 else { return false }
        // `[12/345] ` and `[ 12%] ` are the steps of ninja and make.
        let isExact = scanner.skip(".") && scanner.skipDigits() > 0
        return scanner.skip("s] ") || isExact && scanner.skip("] ")
    }

    /// `2026-05-01T12:00:00.123Z `, also with the stream that a container wrote to, `12:34:56 ` and `May 01 12:34:56 `.
    private static func time(_ scanner: inout ByteScanner) -> Bool {
        guard scanner.skip(stamp) else { return false }
        guard scanner.skip(" ") else { return false }
        // Kubernetes and GitLab name the stream, and whether the line goes on.
        _ = scanner.skip("stdout F ") || scanner.skip("stderr F ") || scanner.skip(stream)
        return true
    }

    /// `01O ` or `00E+`.
    private static func stream(_ scanner: inout ByteScanner) -> Bool {
        scanner.skipDigits() == 2 && (scanner.skip("O") || scanner.skip("E"))
            && (scanner.skip(" ") || scanner.skip("+"))
    }

    private static func stamp(_ scanner: inout ByteScanner) -> Bool {
        if scanner.skip(date) {
            return (scanner.skip("T") || scanner.skip(" ")) && clock(&scanner) && zone(&scanner)
        }
        if scanner.skip(month) { return clock(&scanner) }
        return clock(&scanner)
    }

    private static func date(_ scanner: inout ByteScanner) -> Bool {
        scanner.skipDigits() == 4 && scanner.skip("-") && scanner.skipDigits() == 2 && scanner.skip("-")
            && scanner.skipDigits() == 2
    }

    /// `May 01 `.
    private static func month(_ scanner: inout ByteScanner) -> Bool {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard names.contains(where: { scanner.skip($0) }), scanner.skip(" ") else { return false }
        scanner.skipSpaces()
        return scanner.skipDigits() > 0 && scanner.skip(" ")
    }

    private static func clock(_ scanner: inout ByteScanner) -> Bool {
        guard scanner.skipDigits() == 2, scanner.skip(":"), scanner.skipDigits() == 2, scanner.skip(":"),
            scanner.skipDigits() == 2
        else { return false }
        if scanner.skip(".") || scanner.skip(",") { return scanner.skipDigits() > 0 }
        return true
    }

    private static func zone(_ scanner: inout ByteScanner) -> Bool {
        if scanner.skip("Z") { return true }
        guard scanner.skip("+") || scanner.skip("-") else { return true }
        guard scanner.skipDigits() >= 2 else { return false }
        return !scanner.skip(":") || scanner.skipDigits() == 2
    }

    /// BuildKit: `#12 3.456 `, or `#12 ` before a message of its own.
    private static func step(_ scanner: inout ByteScanner) -> Bool {
        guard scanner.skip("#"), scanner.skipDigits() > 0, scanner.skip(" ") else { return false }
        _ = scanner.skip { $0.skipDigits() > 0 && $0.skip(".") && $0.skipDigits() > 0 && $0.skip(" ") }
        return true
    }

    /// Lines around errors that Spack repeats, `  >> 47    ` and `     46    `: the number takes six columns.
    private static func excerpt(_ scanner: inout ByteScanner) -> Bool {
        guard scanner.skip("  >> ") || scanner.skip("     ") else { return false }
        let digits = scanner.skipDigits()
        guard 1...5 ~= digits else { return false }
        return scanner.skip(String(repeating: " ", count: 6 - digits))
    }
}

/// Reads the bytes of a line from its start.
struct ByteScanner {
    private let bytes: [UInt8]
    /// How many were read.
    private(set) var count = 0

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// Skips what `read` reads; nothing when it is false.
    mutating func skip(_ read: (inout ByteScanner) -> Bool) -> Bool {
        let start = count
        guard read(&self) else {
            count = start
            return false
        }
        return true
    }

    /// Skips `text`, if that comes next.
    mutating func skip(_ text: String) -> Bool {
        guard bytes.dropFirst(count).starts(with: text.utf8) else { return false }
        count += text.utf8.count
        return true
    }

    /// Skips letters; false when there are none.
    mutating func skipLetters() -> Bool { skip { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 } > 0 }

    /// How many digits were skipped.
    mutating func skipDigits() -> Int { skip { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }

    /// Skips spaces, if there are any.
    mutating func skipSpaces() { _ = skip { (byte: UInt8) in byte == UInt8(ascii: " ") } }

    private mutating func skip(_ belongs: (UInt8) -> Bool) -> Int {
        let start = count
        while count < bytes.count, belongs(bytes[count]) { count += 1 }
        return count - start
    }
}
