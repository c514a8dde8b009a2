// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryModel
import CanaryText
import Foundation

/// Reads the surface of an installed tree, without a compiler and without running anything.
///
/// What cannot be read or is no text has no macros and no symbols, and that is all: a surface is never an error.
package struct SurfaceReader {
    /// The largest header or CMake file that is read, in bytes.
    private static let longestText = 4 << 20
    /// The longest mangled name that is stored: longer ones are template instances that errors do not name.
    private static let longestSymbol = 1024
    /// The longest definition that is kept whole.
    private static let longestDefinition = 200
    /// How many definitions of one macro are kept.
    private static let mostDefinitions = 16
    /// How much text of one kind is kept, in bytes as history stores it; what comes later is left out, and the part is
    /// not complete: it stays in history for each tree that is stored.
    private static let mostText = 2 << 20

    private let folder: String
    private let edits: ContentEdits
    private var forms: [Surface.Kind: [String: String]] = [:]
    private var sizes: [Surface.Kind: Int] = [:]
    /// The kinds that have as much text as is kept.
    private var full: Set<Surface.Kind> = []
    /// Those, and the kinds of which something could not be read.
    private var incomplete: Set<Surface.Kind> = []
    /// The lines of each macro.
    private var definitions: [String: [String]] = [:]

    /// The surface of `tree`, which lies in `folder`; paths in definitions are replaced by `words`.
    ///
    /// - Throws: `ReadingInterrupted` when the task is cancelled.
    package static func surface(of tree: HashedTree, in folder: String, replacing words: [PathWord]) throws -> Surface {
        var reader = SurfaceReader(folder: folder, edits: ContentEdits(words))
        for file in tree.contents {
            reader.add(file)
            // What was being read when the task was cancelled is not whole.
            try ReadingInterrupted.check("\(folder)/\(file.path)")
        }
        reader.forms[.macro] = reader.definitions.mapValues { $0.joined(separator: "\n") }
        return Surface(
            Dictionary(
                uniqueKeysWithValues: Surface.Kind.allCases.map { kind in
                    (kind, Surface.Part(reader.forms[kind] ?? [:], isComplete: !reader.incomplete.contains(kind)))
                }))
    }

    private init(folder: String, edits: ContentEdits) {
        self.folder = folder
        self.edits = edits
    }

    private mutating func add(_ file: HashedTree.Content) {
        let name = file.path.lastPart
        let digest = String(file.digest.prefix(12))
        if let header = Self.header(file.path) {
            keep(.header, header, digest)
            if file.isRegular { addMacros(of: header, at: file.path) }
        } else {
            keep(.file, file.path, digest)
        }
        guard file.isRegular else { return }
        if name.hasSuffix(".cmake") { addCMake(name, at: file.path) }
        if name.hasSuffix(".so") || name.contains(".so.") { addSymbols(at: file.path) }
    }

    private mutating func keep(_ kind: Surface.Kind, _ name: String, _ form: String = "") {
        // Many libraries export the same instances of templates.
        guard forms[kind]?[name] != form else { return }
        if makeRoom(for: kind, name, form) { forms[kind, default: [:]][name] = form }
    }

    /// Whether there is room for these texts, which now take it.
    private mutating func makeRoom(for kind: Surface.Kind, _ texts: String...) -> Bool {
        guard !full.contains(kind) else { return false }
        let size = texts.reduce(sizes[kind, default: 0]) { $0 + Self.storedSize($1) }
        guard size <= Self.mostText else {
            full.insert(kind)
            incomplete.insert(kind)
            return false
        }
        sizes[kind] = size
        return true
    }

    /// The size of `text` in JSON, with quotes and a separator.
    private static func storedSize(_ text: String) -> Int {
        text.utf8.reduce(3) { $0 + ($1 < 0x20 ? 6 : $1 == 0x22 || $1 == 0x5C ? 2 : 1) }
    }

    // MARK: - Headers

    private static let headerEndings: Set<Substring> = [
        "h", "hpp", "hh", "hxx", "h++", "H", "inl", "ipp", "ixx", "tcc", "tpp", "txx", "inc", "def", "cuh",
    ]

    /// How `#include` names the file at `path`; nil when it is no header.
    private static func header(_ path: String) -> String? {
        guard path.hasPrefix("include/") else { return nil }
        let name = path.lastPart
        guard let dot = name.lastIndex(of: ".") else { return String(path.dropFirst(8)) }
        return headerEndings.contains(name[name.index(after: dot)...]) ? String(path.dropFirst(8)) : nil
    }

    private mutating func addMacros(of header: String, at path: String) {
        guard !full.contains(.macro) else { return }
        var macros: [Macro] = []
        let isRead = Self.read("\(folder)/\(path)", atMost: Self.longestText) { bytes, text in
            // Binary data below include/ is not a header.
            if bytes.offset(of: 0) == nil { macros = MacroScanner.macros(in: text) }
        }
        if !isRead { incomplete.insert(.macro) }
        for macro in macros where !full.contains(.macro) {
            if Task.isCancelled { return }
            let definition = short(macro.definition)
            let line = definition.isEmpty ? header : "\(header): \(definition)"
            guard let known = definitions[macro.name] else {
                if makeRoom(for: .macro, macro.name, line) { definitions[macro.name] = [line] }
                continue
            }
            if known.count < Self.mostDefinitions, !known.contains(line), makeRoom(for: .macro, line) {
                definitions[macro.name]?.append(line)
            }
        }
    }

    /// A definition of any length as one short text that still changes when it does.
    private func short(_ definition: String) -> String {
        let text = definition.utf8.contains(47) ? edits.replacingPaths(in: definition) : definition
        guard text.utf8.count > Self.longestDefinition else { return text }
        var hasher = FieldHasher()
        hasher.add(text)
        return "\(text.prefix(Self.longestDefinition)) ... \(hasher.finish().prefix(12))"
    }

    // MARK: - CMake files and libraries

    private mutating func addCMake(_ name: Substring, at path: String) {
        if let package = CMakeFile.package(name), forms[.package]?[package] == nil { keep(.package, package) }
        var found: CMakeFile?
        _ = Self.read("\(folder)/\(path)", atMost: Self.longestText) { _, text in found = CMakeFile(text) }
        guard let found else { return }
        if !found.isComplete { incomplete.insert(.target) }
        for (target, type) in found.targets.sorted(by: { $0.key < $1.key }) { keep(.target, target, type) }
        if let version = found.version, let package = CMakeFile.versionedPackage(name) {
            keep(.package, package, version)
        }
    }

    private mutating func addSymbols(at path: String) {
        guard !full.contains(.symbol) else { return }
        _ = Self.read("\(folder)/\(path)", atMost: .max) { bytes, _ in
            ElfSymbols.forEach(in: bytes, atMost: Self.longestSymbol) { name in
                if !Self.isOfStandardLibrary(name) {
                    keep(.symbol, String(decoding: name, as: UTF8.self))
                }
                return !full.contains(.symbol)
            }
        }
    }

    /// Copies of what templates of the standard library make are in many libraries and belong to none.
    private static func isOfStandardLibrary(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count > 8, name[0] == UInt8(ascii: "_"), name[1] == UInt8(ascii: "Z") else { return false }
        var index = 2
        // Tables and guards of something, something in a function, something nested, something constant.
        if name[index] == UInt8(ascii: "T") || name[index] == UInt8(ascii: "G") { index += 2 }
        for letter in "ZNK".utf8 where name[index] == letter { index += 1 }
        // What can be abbreviated at the beginning of a name is `std` or stands in it.
        return name[index] == UInt8(ascii: "S") || name[index...].starts(with: "9__gnu_cxx".utf8)
    }

    /// Gives `body` the content of a file, followed by a 0; false if it cannot be read or is larger than `limit`.
    private static func read(
        _ path: String, atMost limit: Int, _ body: (UnsafeRawBufferPointer, UnsafePointer<CChar>) -> Void
    ) -> Bool {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG else { return false }
        let size = Int(state.st_size)
        guard size > 0 else { return true }
        guard size <= limit else { return false }
        // A page of zeros after the file if it fills its last page.
        guard let start = mmap(nil, size + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED
        else { return false }
        defer { munmap(start, size + 1) }
        guard mmap(start, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == start else { return false }
        body(UnsafeRawBufferPointer(start: start, count: size), start.assumingMemoryBound(to: CChar.self))
        return true
    }
}

extension String {
    /// The part after the last slash.
    fileprivate var lastPart: Substring { lastIndex(of: "/").map { self[index(after: $0)...] } ?? self[...] }
}
