// SPDX-License-Identifier: Apache-2.0

import CanaryModel

extension Shape {
    static let image = Shape(.images, "image", keys: ["reference", "year", "env"])
}

/// Reads `containers/images.yaml`: name -> image.
struct ImagesReader {
    let file: ManifestFile
    /// A reference without a digest is worth a warning.
    let wantsDigests: Bool

    /// The images by name; one that cannot be read keeps its name.
    func read() -> [String: Image] {
        var images: [String: Image] = [:]
        for field in file.field.entries() ?? [] {
            guard isIdentifier(field.key) else {
                let message = "bad image name \(quoted(field.key)), expected letters, digits, `.`, `_` and `-`"
                field.source.error(message, at: field.keyPosition)
                continue
            }
            images[field.key] = image(field) ?? Image(name: field.key, reference: field.key)
        }
        return images
    }

    private func image(_ field: Field) -> Image? {
        guard let map = MapReader(field, as: .image) else { return nil }
        let reference = map.required("reference").flatMap(reference)
        let year = map["year"]?.integer(in: 2000...2999)
        let environment = map["env"].flatMap(environment) ?? [:]
        return reference.map { Image(name: field.key, reference: $0, year: year, environment: environment) }
    }

    private func reference(_ field: Field) -> String? {
        let expected = "an image as `registry/name:tag@sha256:...`"
        guard let text = field.line(expected, where: isReference) else { return nil }
        if wantsDigests, !text.contains("@") {
            let message = "image \(quoted(text)) has no digest: the same tag may become another image"
            field.source.warning(message, at: field.node.position, hint: "canary images pin")
        }
        return text
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
