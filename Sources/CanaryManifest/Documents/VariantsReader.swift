// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// Reads `variants:` of `stack.yaml`.
struct VariantsReader {
    /// The images file's; nil when there is none.
    let images: [String: Image]?
    /// The images file was named and could not be read, so nothing is known about names.
    let isImagesFileBroken: Bool
    let isProcess: Bool
    /// Of variants that name none.
    let lanes: [Lane]

    /// The variants in the order they are written.
    func read(_ field: Field) -> [Variant] {
        guard let entries = field.entries() else { return [] }
        if entries.isEmpty {
            let hint = "`local: {}` is enough for the runtime `process`"
            field.source.error("`variants`: expected at least one, found none", at: field.node.position, hint: hint)
        }
        return entries.compactMap(variant)
    }

    private func variant(_ field: Field) -> Variant? {
        guard TextFormat.identifier.accepts(field.key) else {
            let message = "bad variant name \(quoted(field.key)), expected letters, digits, `.`, `_` and `-`"
            field.source.error(message, at: field.keyPosition)
            return nil
        }
        if field.node.isNull {
            requireImage(of: field)
            return Variant(name: field.key, image: nil, lanes: lanes)
        }
        guard let map = MapReader(field, as: .variant) else { return nil }
        if map["image"] == nil { requireImage(of: field) }
        return Variant(
            name: field.key, image: map["image"].flatMap(image),
            lanes: map["lanes"]?.distinctList { $0.choice(Lane.self) } ?? lanes,
            schedule: map.nonNull("schedule")?.schedule())
    }

    private func requireImage(of field: Field) {
        guard !isProcess else { return }
        let hint = "write `image: NAME` with a name of the images file, or build without containers: `runtime: process`"
        field.source.error("variant \(quoted(field.key)) has no image", at: field.keyPosition, hint: hint)
    }

    private func image(_ field: Field) -> Image? {
        if let images {
            return field.reference(to: "image", in: images.keys).flatMap { images[$0] }
        }
        guard let name = field.line() else { return nil }
        if !isProcess, !isImagesFileBroken {
            let hint = "describe it in `../containers/images.yaml`, or name another file by `images:`"
            let message = "unknown image \(quoted(name)): there is no images file"
            field.source.error(message, at: field.node.position, hint: hint)
        }
        return Image(name: name, reference: name)
    }
}
