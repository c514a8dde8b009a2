// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Foundation
import Glibc

/// The files that a command names: those of each commit, or the caller's where the commits have none.
package struct NamedFiles: Sendable {
    /// The command; files of the caller have absolute paths.
    package let words: [String]
    /// The files, as written, that come from each commit.
    package let ofCommits: [String]
    /// The files that come from the caller, by the name as written.
    package let ofCaller: [String: String]
    /// The script, as written, that an interpreter shall run and that neither has; nil if there is none such.
    package let missing: (script: String, interpreter: String)?

    /// Looks for the files that `words` name, anywhere on the command line.
    ///
    /// - Parameters:
    ///   - repository: where the command runs, in the subfolder that it was opened in.
    ///   - revisions: the commits that must have a file, so that it is taken from commits.
    ///   - folder: the caller's folder.
    package init(in words: [String], of repository: Repository, at revisions: [String], folder: String) async {
        var (rooted, ofCommits, ofCaller) = (words, [String](), [String: String]())
        var missing: (script: String, interpreter: String)?
        for name in CommandWords(words).names {
            if await Self.holds(name.path, repository, revisions) {
                ofCommits.append(name.path)
            } else if let path = Self.file(name.path, in: folder) {
                rooted[name.index] = name.lead + path
                ofCaller[name.path] = path
            } else if let interpreter = name.interpreter {
                missing = missing ?? (name.path, interpreter)
            }
        }
        (self.words, self.ofCommits, self.ofCaller, self.missing) = (rooted, ofCommits, ofCaller, missing)
    }

    /// Sentences that say where the files come from that the command names.
    package var notes: [String] {
        func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }
        let yours = ofCaller.sorted { $0.key < $1.key }
            .map { "`\($0.key)` is yours, \($0.value): the good commit has none" }
        return (ofCommits.isEmpty ? [] : ["\(list(ofCommits)) of each commit"]) + yours
    }

    private static func holds(_ name: String, _ repository: Repository, _ revisions: [String]) async -> Bool {
        guard let path = path(name, in: repository.subfolder) else { return false }
        for revision in revisions where await !repository.holds(path, at: revision) { return false }
        return !revisions.isEmpty
    }

    /// `name` in `subfolder`, from the root of the tree; nil if it leads out of it.
    static func path(_ name: String, in subfolder: String) -> String? {
        var parts = subfolder.split(separator: "/").map(String.init)
        for part in name.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(String(part))
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    private static func file(_ name: String, in folder: String) -> String? {
        let path = URL(fileURLWithPath: name, relativeTo: URL(fileURLWithPath: folder, isDirectory: true)).path
        var state = stat()
        return stat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFREG ? path : nil
    }
}

/// The words of a command line, and which of them can name files that it reads.
struct CommandWords {
    /// One possible name of a file.
    struct Name: Hashable {
        /// The number of the word, from 0.
        let index: Int
        /// What stands before the name in the word, such as `--file=`.
        let lead: String
        /// The name: a relative path.
        let path: String
        /// The interpreter whose script it is, so that nothing works without it; nil for any other file.
        var interpreter: String?
    }

    /// Interpreters, with the options that stand alone before a script: `sh -eu`, `python3 -u`.
    private static let interpreters: [String: String] = [
        "sh": "aefhnuvx", "bash": "aefhnuvx", "dash": "aefnuvx", "ksh": "aefhnuvx", "zsh": "aefhnuvx", "fish": "",
        "python": "BEIOsSuvx", "python2": "BEOsSuvx", "python3": "BEIOsSuvx", "perl": "tTuUwW", "ruby": "wW",
        "node": "",
        "lua": "", "php": "", "tclsh": "", "Rscript": "", "pwsh": "",
    ]
    /// Their arguments are names of targets, which a file of the caller can have by accident.
    private static let builders: Set<String> = [
        "make", "gmake", "bmake", "ninja", "samu", "scons", "just", "rake", "bazel", "buck", "tup", "redo", "waf",
        "mvn",
        "gradle", "ant", "task", "cargo", "meson", "xmake",
    ]
    /// Options before a file that is read, and before one that is written.
    private static let reading: Set<String> = [
        "-f", "-P", "--file", "--makefile", "--justfile", "--script", "--config",
    ]
    private static let writing: Set<String> = ["-o", "--output", "--out", ">"]

    /// The possible names of files, in order.
    private(set) var names: [Name] = []
    private var script = Script.none
    private var alone = ""
    private var isOfTargets = false

    /// Where the script of an interpreter is expected.
    private enum Script: Equatable {
        case none
        case next(of: String)
        case uncertain
    }

    /// Reads the words of a command.
    init(_ words: [String]) {
        for (index, word) in words.enumerated() {
            let before = index > 0 ? words[index - 1] : ""
            if let name = name(word, at: index, after: before), !Self.writing.contains(before) { names.append(name) }
            note(word)
        }
    }

    private func name(_ word: String, at index: Int, after before: String) -> Name? {
        func make(_ lead: Substring, _ path: Substring, of interpreter: String? = nil) -> Name? {
            guard !path.isEmpty, !path.hasPrefix("/"), !path.hasPrefix("~") else { return nil }
            return Name(index: index, lead: String(lead), path: String(path), interpreter: interpreter)
        }
        let looksLikePath = word.contains("/") || word.contains(".")
        if word.hasPrefix("-") || word.firstMatch(of: /^[A-Za-z_][A-Za-z0-9_]*=/) != nil {
            if let equals = word.firstIndex(of: "=") {
                let option = word[..<equals]
                guard !Self.writing.contains(String(option)) else { return nil }
                return make(word[...equals], word[word.index(after: equals)...])
            }
            guard !word.hasPrefix("--"), word.count > 2, looksLikePath, !word.hasPrefix("-o") else { return nil }
            return make(word.prefix(2), word.dropFirst(2))
        }
        if index == 0 { return word.contains("/") ? make("", word[...]) : nil }
        switch script {
        case .next(let interpreter): return make("", word[...], of: interpreter)
        case .uncertain: return looksLikePath ? make("", word[...]) : nil
        case .none: break
        }
        if Self.reading.contains(before) { return make("", word[...]) }
        return looksLikePath && !isOfTargets ? make("", word[...]) : nil
    }

    private mutating func note(_ word: String) {
        let program = (word as NSString).lastPathComponent
        if word.hasPrefix("-") {
            // After an option that takes a word, or that has the script itself, the next word may be anything.
            if case .next = script, !word.dropFirst().allSatisfy(alone.contains) { script = .uncertain }
        } else if script != .none {
            script = .none
        } else if let options = Self.interpreters[program] {
            (script, alone) = (.next(of: word), options)
        } else if Self.builders.contains(program) {
            isOfTargets = true
        }
    }
}
