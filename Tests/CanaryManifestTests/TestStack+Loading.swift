// SPDX-License-Identifier: Apache-2.0

import CanaryManifest
import CanaryModel
import CanaryTestSupport
import Foundation

extension TestStack {
    static let now = Date(timeIntervalSince1970: 1_798_761_600)  // 2027-01-01

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
