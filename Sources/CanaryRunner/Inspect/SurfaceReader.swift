// SPDX-License-Identifier: Apache-2.0

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
    /// How much text of one kind is kept, in bytes; what comes later is left out, and the part is not complete.
    private static let mostText = 32 << 20

    private let folder: String
    private let words: [PathWord]
    private var forms: [Surface.Kind: [String: String]] = [:]
    private var sizes: [Surface.Kind: Int] = [:]
    private var full: Set<Surface.Kind> = []

    /// The surface of `tree`, which lies in `folder`; paths in definitions are replaced by `words`.
    package static func surface(of tree: HashedTree, in folder: String, replacing words: [PathWord]) -> Surface {
        var reader = SurfaceReader(folder: folder, words: words.sorted { $0.path.utf8.count > $1.path.utf8.count })
        for file in tree.contents { reader.add(file) }
        let kinds = reader.forms.keys
        return Surface(
            Dictionary(
                uniqueKeysWithValues: kinds.map { kind in
                    (kind, Surface.Part(reader.forms[kind] ?? [:], isComplete: !reader.full.contains(kind)))
                }))
    }

    private init(folder: String, words: [PathWord]) {
        self.folder = folder
        self.words = words
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
        let size = name.utf8.count + form.utf8.count
        guard sizes[kind, default: 0] + size <= Self.mostText else {
            full.insert(kind)
            return
        }
        sizes[kind, default: 0] += size
        forms[kind, default: [:]][name] = form
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
        var macros: [Macro] = []
        let isRead = Self.read("\(folder)/\(path)", atMost: Self.longestText) { bytes, text in
            // Binary data below include/ is not a header.
            if bytes.offset(of: 0) == nil { macros = MacroScanner.macros(in: text) }
        }
        if !isRead { full.insert(.macro) }
        for macro in macros {
            let definition = short(macro.definition)
            let line = definition.isEmpty ? header : "\(header): \(definition)"
            guard let known = forms[.macro]?[macro.name] else {
                keep(.macro, macro.name, line)
                continue
            }
            let lines = known.split(separator: "\n")
            if lines.count < Self.mostDefinitions, !lines.contains(line[...]) {
                keep(.macro, macro.name, "\(known)\n\(line)")
            }
        }
    }

    /// A definition of any length as one short text that still changes when it does.
    private func short(_ definition: String) -> String {
        var text = definition
        if text.utf8.contains(47) { for word in words { text = text.replacing(word.path, with: word.word) } }
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
        for (target, type) in found.targets.sorted(by: { $0.key < $1.key }) { keep(.target, target, type) }
        if let version = found.version, let package = CMakeFile.versionedPackage(name) {
            keep(.package, package, version)
        }
    }

    private mutating func addSymbols(at path: String) {
        _ = Self.read("\(folder)/\(path)", atMost: .max) { bytes, _ in
            ElfSymbols.forEach(in: bytes) { name in
                if name.count <= Self.longestSymbol, !Self.isOfStandardLibrary(name) {
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
