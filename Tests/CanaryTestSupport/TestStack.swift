// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A stack of manifests in a temporary folder.
package struct TestStack: Sendable {
    /// The folder above that of the manifests.
    package let root = TemporaryFolder()
    /// The folder of the manifests.
    package var folder: String { root("manifests") }

    package init() {}

    /// Writes `files`, named from the folder of the manifests, with a `stack.yaml` and a project unless they have one.
    package init(_ files: [String: String]) throws {
        if files["stack.yaml"] == nil { try write(["stack: demo", "runtime: process", "variants: {local: {}}"]) }
        if !files.keys.contains(where: { $0.hasPrefix("projects/") }) { try write(["source: imath"], project: "imath") }
        for (name, text) in files { try write(Data(text.utf8), to: name) }
    }

    /// Writes `stack.yaml`; `defaults` are added unless `lines` have their keys.
    package func write(_ lines: [String], defaults: [String] = []) throws {
        try write(Self.merge(lines, into: defaults), to: "stack.yaml")
    }

    /// Writes the manifest of a project; `defaults` are added unless `lines` have their keys.
    package func write(_ lines: [String], project: String, defaults: [String] = []) throws {
        try write(Self.merge(lines, into: ["project: \(project)"] + defaults), to: "projects/\(project).yaml")
    }

    /// Writes a file, named from the folder of the manifests.
    package func write(_ data: Data, to name: String) throws {
        let file = URL(fileURLWithPath: "\(folder)/\(name)").standardizedFileURL
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    private static func merge(_ lines: [String], into defaults: [String]) -> Data {
        func key(_ line: String) -> Substring { line.prefix { $0 != ":" } }
        let written = Set(lines.map(key))
        return Data((defaults.filter { !written.contains(key($0)) } + lines).map { $0 + "\n" }.joined().utf8)
    }
}
