// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

extension Shape {
    static let image = Shape(.images, "image", keys: ["reference", "year", "env"])
}

/// Reads `containers/images.yaml`: name -> image.
struct ImagesReader {
    let file: ManifestFile

    /// An image, and where its reference stands.
    struct Entry {
        let image: Image
        let field: Field

        /// Warns that the tag can move, unless there is a digest.
        func warnOfTag() {
            guard image.digest == nil else { return }
            let message = "image \(quoted(image.reference)) has no digest: the same tag may become another image"
            field.source.warning(message, at: field.node.position, hint: "canary images pin")
        }
    }

    /// The images by name; one that cannot be read keeps its name.
    func read() -> [String: Entry] {
        var images: [String: Entry] = [:]
        for field in file.field.entries() ?? [] {
            guard TextFormat.identifier.accepts(field.key) else {
                let message = "bad image name \(quoted(field.key)), expected letters, digits, `.`, `_` and `-`"
                field.source.error(message, at: field.keyPosition)
                continue
            }
            images[field.key] = entry(field)
        }
        return images
    }

    private func entry(_ field: Field) -> Entry? {
        guard let map = MapReader(field, as: .image) else { return unreadable(field) }
        let written = map.required("reference")
        let expected = "an image as `registry/name:tag@sha256:...`"
        let reference = written.flatMap { $0.line(TextFormat(expected, accepts: isReference)) }
        let year = map["year"]?.integer(in: 2000...2999)
        let environment = map["env"].flatMap(environment) ?? [:]
        guard let written, let reference else { return unreadable(field) }
        let image = Image(name: field.key, reference: reference, year: year, environment: environment)
        return Entry(image: image, field: written)
    }

    /// Stands for an image that could not be read, so that the variants that name it are not reported too.
    private func unreadable(_ field: Field) -> Entry {
        let digest = String(repeating: "0", count: 64)
        return Entry(image: Image(name: field.key, reference: "\(field.key)@sha256:\(digest)"), field: field)
    }

    private func environment(_ field: Field) -> [String: String]? {
        guard let entries = field.entries() else { return nil }
        var variables: [String: String] = [:]
        for entry in entries {
            guard TextFormat.variableName.accepts(entry.key) else {
                entry.source.error("bad variable name \(quoted(entry.key))", at: entry.keyPosition)
                continue
            }
            variables[entry.key] = entry.text()
        }
        return variables
    }
}

private func isReference(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\/:\-]*(@sha256:[0-9a-f]{64})?/) != nil
}
