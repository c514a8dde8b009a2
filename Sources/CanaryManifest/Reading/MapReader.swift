// SPDX-License-Identifier: Apache-2.0

/// A mapping whose keys are known: reports the unknown ones, and returns the others as fields.
struct MapReader {
    let source: Source
    let position: Position
    private let shape: Shape
    private let fields: [String: Field]

    /// Opens `field`; nil, with a report, when it is not a mapping.
    init?(_ field: Field, as shape: Shape) {
        guard let entries = field.entries() else { return nil }
        source = field.source
        position = field.node.position
        self.shape = shape
        fields = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in entries where !shape.keys.contains(entry.key) {
            source.unknown("key", entry.key, among: shape.keys, at: entry.keyPosition, listedAs: "known here")
        }
    }

    /// The field of `key`; nil when it is not written.
    subscript(key: String) -> Field? {
        assert(shape.keys.contains(key))
        return fields[key]
    }

    /// The field of `key` unless it is `null`.
    func nonNull(_ key: String) -> Field? {
        self[key].flatMap { $0.node.isNull ? nil : $0 }
    }

    /// The field of `key`; its absence is reported.
    func required(_ key: String) -> Field? {
        if let field = self[key] { return field }
        source.error("missing key `\(key)`", at: position)
        return nil
    }
}
