// SPDX-License-Identifier: Apache-2.0

import CanaryManifest
import CanaryModel
import Foundation

/// A stack folder of its own for one test; removed with the value.
final class ScratchStack {
    static let now = Date(timeIntervalSince1970: 1_798_761_600)  // 2027-01-01

    let root: URL
    var folder: String { root.appending(path: "manifests").path }

    /// Writes `files`, named from the stack folder; a `stack.yaml` and a project are added where there is none.
    init(_ files: [String: String]) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "canary-manifest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var files = files
        if files["stack.yaml"] == nil { files["stack.yaml"] = "stack: demo\nruntime: process\nvariants: {local: {}}\n" }
        if !files.keys.contains(where: { $0.hasPrefix("projects/") }) {
            files["projects/imath.yaml"] = "project: imath\nsource: imath\n"
        }
        for (name, text) in files { try write(Data(text.utf8), to: name) }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ data: Data, to name: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/\(name)").standardizedFileURL
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    func load(runtime: RuntimeChoice? = nil) -> LoadedManifests {
        ManifestLoader(folder: folder, runtime: runtime, now: Self.now).load()
    }

    /// The diagnostics as printed from the folder above the stack's.
    func problems(runtime: RuntimeChoice? = nil) -> String {
        load(runtime: runtime).diagnostics.map { "\($0)\n" }.joined().replacing("\(root.path)/", with: "")
    }
}

/// The files of `Fixtures`.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    static let repository = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func names(in subfolder: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: subfolder).path)
        return (names ?? []).sorted()
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
}
