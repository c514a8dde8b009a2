// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file that was read: its root and where to report.
struct ManifestFile {
    let source: Source
    let root: Node

    var field: Field { Field(root: root, source: source) }
}

/// The folder of a stack: finds its files and reads them.
struct StackFolder {
    private static let defaultImages = "../containers/images.yaml"

    private let folder: String
    private let report: Report

    init(_ folder: String, report: Report) {
        let trimmed = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        self.folder = trimmed.isEmpty ? "." : trimmed
        self.report = report
    }

    var exists: Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder.boolValue
    }

    func reportMissing() {
        let hint = "`--stack DIR` names the folder that holds `stack.yaml`"
        source(folder).error("no such folder", hint: hint)
    }

    /// Reads `stack.yaml`.
    func stack() -> ManifestFile? {
        let hint = "`--stack DIR` names the folder that holds it"
        return read(path("stack.yaml"), hint: hint)
    }

    /// Reads `projects/*.yaml` and `.yml`, by name.
    func projects() -> ProjectSet {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path("projects"))) ?? []
        let manifests = names.filter { name in
            !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
        }
        let files = manifests.sorted().map { name in
            let stem = String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)])
            let path = path("projects/\(name)")
            return ProjectSet.File(stem: stem, source: source(path), root: read(path)?.root)
        }
        if manifests.isEmpty {
            let hint = "describe one in `\(path("projects/NAME.yaml"))`"
            source(path("stack.yaml")).warning("the stack has no projects", hint: hint)
        }
        return ProjectSet(files)
    }

    /// The path of the images file the stack names, or of the default one where that exists.
    func imagesPath(named name: String?) -> String? {
        if let name { return path(name) }
        let standard = path(Self.defaultImages)
        return FileManager.default.fileExists(atPath: standard) ? standard : nil
    }

    /// Reads the file at `path`.
    func read(_ path: String, hint: String? = nil) -> ManifestFile? {
        let source = source(path)
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard FileManager.default.fileExists(atPath: path),
            let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
        else {
            source.error("no such file", hint: hint)
            return nil
        }
        let type = attributes[.type] as? FileAttributeType
        guard type == .typeRegular else {
            source.error("expected a file, found \(type == .typeDirectory ? "a folder" : "a special file")")
            return nil
        }
        guard let data = FileManager.default.contents(atPath: resolved) else {
            source.error("the file cannot be read", hint: "check its permissions")
            return nil
        }
        return YamlDocument.read(data, from: source).map { ManifestFile(source: source, root: $0) }
    }

    private func source(_ path: String) -> Source { Source(path: path, report: report) }

    /// `name` as seen from the working folder; each `..` takes back a folder the user typed.
    private func path(_ name: String) -> String {
        if name.hasPrefix("/") { return name }
        var base = folder
        var rest = name[...]
        while rest.hasPrefix("../"), let parent = parent(of: base) {
            base = parent
            rest = rest.dropFirst(3)
        }
        if base.isEmpty { return String(rest) }
        return base.hasSuffix("/") ? base + rest : "\(base)/\(rest)"
    }

    /// The folder above `path`, empty for the working folder; nil where only the file system knows.
    private func parent(of path: String) -> String? {
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
        let last = path.split(separator: "/").last
        guard !isLink, let last, last != ".", last != "..", !path.hasSuffix("/") else { return nil }
        let above = path.dropLast(last.count)
        return above == "/" ? "/" : String(above.hasSuffix("/") ? above.dropLast() : above)
    }
}
