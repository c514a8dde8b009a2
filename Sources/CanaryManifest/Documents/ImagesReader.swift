// SPDX-License-Identifier: Apache-2.0

import CanaryModel

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

        /// Says that the tag may move; nothing where a digest is written.
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
            guard isIdentifier(field.key) else {
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
        let place = map.required("reference")
        let expected = "an image as `registry/name:tag@sha256:...`"
        let reference = place.flatMap { $0.line(expected, where: isReference) }
        let year = map["year"]?.integer(in: 2000...2999)
        let environment = map["env"].flatMap(environment) ?? [:]
        guard let place, let reference else { return unreadable(field) }
        let image = Image(name: field.key, reference: reference, year: year, environment: environment)
        return Entry(image: image, field: place)
    }

    /// What was reported once is not reported again at each variant that names it.
    private func unreadable(_ field: Field) -> Entry {
        let digest = String(repeating: "0", count: 64)
        return Entry(image: Image(name: field.key, reference: "\(field.key)@sha256:\(digest)"), field: field)
    }

    private func environment(_ field: Field) -> [String: String]? {
        guard let entries = field.entries() else { return nil }
        var variables: [String: String] = [:]
        for entry in entries {
            guard isVariableName(entry.key) else {
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
