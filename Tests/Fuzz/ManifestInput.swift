// SPDX-License-Identifier: Apache-2.0

import CanaryManifest
import CanaryModel
import CanaryText
import Foundation

/// A manifest: the text is the stack, a project or the images of a stack whose other files are right.
enum ManifestInput {
    private static let now = Date(timeIntervalSince1970: 1_798_761_600)
    private static let stack = Role("stack", varying: "manifests/stack.yaml")
    private static let project = Role("project", varying: "manifests/projects/openexr.yaml")
    private static let images = Role("images", varying: "containers/images.yaml")

    static func read(_ bytes: UnsafeRawBufferPointer) {
        let text = String(decoding: bytes, as: UTF8.self)
        let role = text.contains("stack:") ? stack : text.contains("project:") ? project : images
        role.load(bytes)
        let rewritten = ImagePins.rewrite(text, pins: [:])
        require(rewritten == text, "no change without a pin")
    }

    /// A stack of which one file varies.
    private struct Role {
        let folder: String
        let file: String

        init(_ folder: String, varying file: String) {
            self.folder = folder
            self.file = folder + "/" + file
            for name in ["manifests/projects", "containers"] { Scratch.makeFolder("\(folder)/\(name)") }
            let files = [
                "manifests/stack.yaml": "stack: demo\nvariants: {vfx2026: {image: ci}}\nlanes: [head, release]\n",
                "manifests/projects/imath.yaml": "project: imath\nrepository: https://example.org/imath.git\n",
                "manifests/projects/openexr.yaml": "project: openexr\nrepository: https://example.org/openexr.git\n",
                "containers/images.yaml": "ci: {reference: \"example.org/ci:1\", year: 2026}\n",
            ]
            for (name, text) in files { Scratch.write(text, to: "\(folder)/\(name)") }
        }

        func load(_ bytes: UnsafeRawBufferPointer) {
            _ = Scratch.write(bytes, to: file)
            let loaded = ManifestLoader(folder: folder + "/manifests", now: now).load()
            let lines = loaded.diagnostics.map(\.description)
            require(loaded.stack != nil || !lines.isEmpty, "a stack or a diagnostic")
            require(lines.allSatisfy { !$0.unicodeScalars.contains("\u{1B}") }, "diagnostics without escapes")
        }
    }
}
