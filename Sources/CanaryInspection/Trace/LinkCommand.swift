// SPDX-License-Identifier: Apache-2.0

/// What a command of a linker says about libraries.
struct LinkCommand: Hashable, Sendable {
    /// A library that it names.
    enum Library: Hashable, Sendable {
        /// By its path, as written.
        case file(String)
        /// By its name, as `-lNAME` (or `-l:FILE`) does: the names of the files that it may be, and the folders to search
        /// for it, in their order.
        case searched([String], in: [String])
    }

    /// The libraries, in their order.
    private(set) var libraries: [Library] = []
    /// What is linked, as written; nil when the command does not say.
    private(set) var output: String?

    /// How many folders of a command are used, and how long each may be: far more than linkers get.
    private static let folderLimit = (count: 64, length: 1024)

    /// Reads a command or a part of one, quoted as for a shell.
    init(_ command: some Sequence<UInt8>) {
        var words = ShellWords(command).makeIterator()
        var folders: [String] = []
        var names: [[String]] = []
        var order: [Int?] = []
        while let word = words.next() {
            if word == "-o" {
                output = words.next() ?? output
            } else if word == "-L" || word.hasPrefix("-L") {
                let folder = word == "-L" ? words.next() ?? "" : String(word.dropFirst(2))
                if folders.count < Self.folderLimit.count, folder.utf8.count <= Self.folderLimit.length {
                    folders.append(folder)
                }
            } else if word.hasPrefix("-l") {
                order.append(names.count)
                names.append(Self.files(named: word == "-l" ? words.next() ?? "" : String(word.dropFirst(2))))
            } else {
                for file in Self.files(in: word) {
                    order.append(nil)
                    libraries.append(.file(file))
                }
            }
        }
        // A linker searches all folders for each name, also those that stand behind it.
        var files = libraries.makeIterator()
        libraries = order.compactMap { index in
            index.map { .searched(names[$0], in: folders) } ?? files.next()
        }
    }

    private static func files(named name: String) -> [String] {
        name.hasPrefix(":") ? [String(name.dropFirst())] : ["lib\(name).so", "lib\(name).a"]
    }

    /// The files of libraries in a word: itself, or parts of what a compiler hands to the linker.
    private static func files(in word: String) -> [String] {
        guard word.hasPrefix("-") else { return isLibrary(word) ? [word] : [] }
        guard word.hasPrefix("-Wl,") else { return [] }
        return word.split(separator: ",").dropFirst().map(String.init).filter { !$0.hasPrefix("-") && isLibrary($0) }
    }

    private static func isLibrary(_ word: String) -> Bool {
        let name = word.lastIndex(of: "/").map { word[word.index(after: $0)...] } ?? word[...]
        return name.hasSuffix(".a") || name.hasSuffix(".so") || name.contains(".so.")
    }
}

/// The words of a command, without the quotes of a shell.
struct ShellWords: Sequence, IteratorProtocol {
    private var bytes: [UInt8].Iterator

    /// Splits `command`; what is quoted stays together.
    init(_ command: some Sequence<UInt8>) { bytes = Array(command).makeIterator() }

    mutating func next() -> String? {
        var word: [UInt8] = []
        // No longer than a path: the rest of a longer word is passed over.
        func add(_ byte: UInt8) { if word.count < 4096 { word.append(byte) } }
        var isWord = false
        var quote: UInt8?
        while let byte = bytes.next() {
            switch (byte, quote) {
            case (quote, _): quote = nil
            case (0x22, nil), (0x27, nil):
                quote = byte
                isWord = true
            case (0x5C, nil), (0x5C, 0x22):
                if let escaped = bytes.next() { add(escaped) }
            case (0x20, nil), (0x09...0x0D, nil):
                if isWord || !word.isEmpty { return String(decoding: word, as: UTF8.self) }
            default: add(byte)
            }
        }
        return isWord || !word.isEmpty ? String(decoding: word, as: UTF8.self) : nil
    }
}
