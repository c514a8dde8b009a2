// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Glibc

/// What an installed CMake file defines, read without running CMake.
struct CMakeFile {
    /// The targets it names literally and their types, `SHARED`, `INTERFACE`, `executable`.
    private(set) var targets: [String: String] = [:]
    /// What it sets `PACKAGE_VERSION` to.
    private(set) var version: String?

    /// Whether all of it was read.
    private(set) var isComplete = true

    private static let blanks = " \t\r"
    private static let longest = 4096
    /// How many bytes of arguments are read of a file of any size.
    private static let leastArguments = 1 << 16

    /// How many bytes of arguments may still be read.
    private var budget: Int

    /// Reads `text`, which ends with a 0, until the task is cancelled.
    init(_ text: UnsafePointer<CChar>) {
        // The arguments of a file together are no longer than the file, unless calls do not end and so lie inside each
        // other: then each line could cost as much as the longest call.
        budget = 2 * strlen(text) + Self.leastArguments
        var line: UnsafePointer<CChar>? = text
        // A command begins its line.
        while let begin = line {
            guard budget > 0, !Task.isCancelled else {
                isComplete = false
                return
            }
            let word = begin + strspn(begin, Self.blanks)
            if let words = arguments(of: "add_library", at: word) {
                addTarget(words, type: nil)
            } else if let words = arguments(of: "add_executable", at: word) {
                addTarget(words, type: "executable")
            } else if version == nil, let words = arguments(of: "set", at: word), words.count == 2,
                words[0] == "PACKAGE_VERSION", !words[1].contains("$")
            {
                version = words[1]
            }
            line = strchr(word, 10).map { UnsafePointer($0) + 1 }
        }
    }

    private mutating func addTarget(_ words: [String], type: String?) {
        guard let name = words.first, !name.contains("$"), !name.contains("@") else { return }
        let kinds = words.dropFirst().filter { $0 != "IMPORTED" && $0 != "GLOBAL" }
        // A target that is neither is one to build, in a module that a caller includes.
        guard words.contains("IMPORTED") || words.contains("INTERFACE") || words.contains("ALIAS") else { return }
        targets[name] = type ?? kinds.joined(separator: " ")
    }

    /// The arguments when a call of `command` stands at `position`.
    private mutating func arguments(of command: String, at position: UnsafePointer<CChar>) -> [String]? {
        let length = command.utf8.count
        guard strncasecmp(position, command, length) == 0 else { return nil }
        var begin = position + length
        begin += strspn(begin, Self.blanks)
        guard begin.pointee == 40 else { return nil }
        begin += 1
        let most = strnlen(begin, Self.longest)
        let text = UnsafeRawBufferPointer(start: begin, count: most)
        let end = text.offset(of: 41) ?? most
        budget -= end
        return Self.words(UnsafeRawBufferPointer(rebasing: text[..<end]))
    }

    private static func words(_ text: UnsafeRawBufferPointer) -> [String] {
        String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.prefix { $0 != "#" } }.joined(separator: " ").replacing("\"", with: "")
            .split(whereSeparator: \.isWhitespace).map(String.init)
    }
}

extension CMakeFile {
    /// The package that a file of this name stands for: `ImathConfig.cmake` for `Imath`, `fmt-config.cmake` for `fmt`.
    static func package(_ name: Substring) -> String? { stem(name, ["Config.cmake", "-config.cmake"]) }

    /// The package whose version a file of this name holds.
    static func versionedPackage(_ name: Substring) -> String? {
        stem(name, ["ConfigVersion.cmake", "-config-version.cmake"])
    }

    private static func stem(_ name: Substring, _ endings: [String]) -> String? {
        endings.first { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }.map { String(name.dropLast($0.count)) }
    }
}
