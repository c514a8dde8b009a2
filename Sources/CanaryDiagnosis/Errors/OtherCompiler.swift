// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Errors of compilers that put the place on a line of its own, or write it in another way: gfortran, rustc, bison, flex.
enum OtherCompiler {
    static let matchers = [
        ErrorMatcher("Error: ", fortran), ErrorMatcher("error[E", rust), ErrorMatcher("error: ", rust),
        ErrorMatcher(": error: ", bison), ErrorMatcher("\", line ", flex), ErrorMatcher(".l:", flex),
        ErrorMatcher(".ll:", flex), ErrorMatcher(".lex:", flex), ErrorMatcher("Stack dump:", crash),
        ErrorMatcher("; error   : ", assembler),
    ]

    /// gfortran: `half.f90:3:7:`, the source, a mark below it, and `Error: ...`.
    private static func fortran(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("Error: ") || text.hasPrefix("Fatal Error: ") else { return nil }
        let before = region.lines(before: line, count: 8).prefix { !$0.text.hasPrefix("Error: ") }
        guard let place = before.first(where: { $0.text.hasSuffix(":") && !$0.text.hasPrefix(" ") }),
            let location = FileLocation(place.text.dropLast())
        else { return nil }
        return Finding(CompilerError.reason(in: region), "\(place.text) \(text)", at: location)
    }

    /// rustc: `error[E0425]: ...`, then ` --> src/half.rs:2:5`.
    private static func rust(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("error") else { return nil }
        let next = region.lines(after: line, count: 1).first?.text.trimmed ?? ""
        guard next.hasPrefix("--> "), let location = FileLocation(next.dropFirst(4)) else { return nil }
        return Finding(CompilerError.reason(in: region), "\(text) \(next)", at: location)
    }

    /// bison: `half.y:3.5-7: error: ...`.
    private static func bison(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (place, _) = text.split(at: ": error: "), let location = columns(place) else { return nil }
        return Finding(CompilerError.reason(in: region), text, at: location)
    }

    /// `half.y` and 3, of `half.y:3.5-7` or `half.y:3.5-4.7`.
    private static func columns(_ place: Substring) -> FileLocation? {
        guard let colon = place.lastIndex(of: ":"), !place.contains(" ") else { return nil }
        let numbers = place[place.index(after: colon)...]
        guard let line = Int(numbers.prefix(while: \.isNumber)), numbers.contains("."),
            numbers.allSatisfy({ $0.isNumber || $0 == "." || $0 == "-" })
        else { return nil }
        return FileLocation(file: String(place[..<colon]), line: line)
    }

    /// flex: `half.l:7: unrecognized rule`, `"half.l", line 7: ...`.
    private static func flex(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        if text.hasPrefix("\""), let (file, rest) = text.dropFirst().split(at: "\", line "), !file.contains(" "),
            let number = Int(rest.prefix(while: \.isNumber)), rest.contains(": ")
        {
            return Finding(CompilerError.reason(in: region), text, at: FileLocation(file: String(file), line: number))
        }
        guard let (place, message) = text.split(at: ": "), !message.hasPrefix("warning"), !message.hasPrefix("error:"),
            let location = FileLocation(place), isScanner(location.file)
        else { return nil }
        return Finding(CompilerError.reason(in: region), text, at: location)
    }

    private static func isScanner(_ file: String) -> Bool { [".l", ".ll", ".lex"].contains(where: file.hasSuffix) }

    /// The assembler of nvcc: `ptxas half.ptx, line 27; error   : ...`.
    private static func assembler(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("ptxas "), let (place, _) = text.dropFirst(6).split(at: "; error   : "),
            let (file, number) = place.split(at: ", line ")
        else { return nil }
        return Finding(
            CompilerError.reason(in: region), text, at: FileLocation(file: String(file), line: Int(number)))
    }

    /// clang crashed: what it was at, and the message of its driver after the stack.
    private static func crash(_ line: LogLine, _ region: LogRegion) -> Finding? {
        guard line.text.trimmed == "Stack dump:",
            region.lines(after: line, count: 1).first?.text.hasPrefix("0.\t") == true
        else { return nil }
        let after = region.lines(after: line, count: 200).map(\.text)
        // `1.	half.cpp:3:7: current parser token ';'`, the innermost first.
        let places = after.prefix { $0.first?.isNumber == true }.compactMap { text -> FileLocation? in
            guard let (_, rest) = text.split(at: ".\t"), let (place, _) = rest.split(at: ": ") else { return nil }
            return FileLocation(place)
        }
        let cause = region.lines(before: line, count: 6).lazy.map(\.text.trimmed).first {
            $0.hasPrefix("fatal error: ") || $0.contains("Assertion `") || $0.hasPrefix("LLVM ERROR: ")
        }
        let driver = after.lazy.map(\.trimmed).first { $0.contains(": error: ") && $0.contains("command failed") }
        guard let text = cause ?? driver else { return nil }
        return Finding(CompilerError.reason(in: region), text, at: places.first)
    }
}
