// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// A value under a key, or an element of such a list.
///
/// Its readers report what they cannot read, and return nil.
struct Field {
    /// The key, as messages name it.
    let key: String
    let keyPosition: Position
    let node: Node
    let source: Source

    /// The whole document.
    init(root: Node, source: Source) {
        self.init(key: "", keyPosition: root.position, node: root, source: source)
    }

    private init(key: String, keyPosition: Position, node: Node, source: Source) {
        self.key = key
        self.keyPosition = keyPosition
        self.node = node
        self.source = source
    }

    /// Reports that the value is not what is expected.
    func mismatch(expected: String, hint: String? = nil) {
        if case .refused = node.content { return }
        let label = key.isEmpty ? "" : "\(quoted(key)): "
        source.error("\(label)expected \(expected), found \(node.summary)", at: node.position, hint: hint)
    }

    /// The entries of a mapping.
    func entries() -> [Field]? {
        guard case .mapping(let entries) = node.content else {
            mismatch(expected: "a mapping")
            return nil
        }
        return entries.map { Field(key: $0.key, keyPosition: $0.keyPosition, node: $0.value, source: source) }
    }

    /// The elements of a list, each under the list's key.
    func elements() -> [Field]? {
        guard case .sequence(let nodes) = node.content else {
            mismatch(expected: "a list", hint: node.isNull ? "remove the key, or write `[]`" : nil)
            return nil
        }
        return nodes.map { Field(key: key, keyPosition: $0.position, node: $0, source: source) }
    }

    /// The elements of a list as `read` returns them, without those it refuses.
    func list<Element>(of read: (Field) -> Element?) -> [Element]? { elements()?.compactMap(read) }

    /// The elements of a list with at least one, no two of them equal.
    func distinctList<Element: Hashable>(of read: (Field) -> Element?) -> [Element]? {
        guard let elements = elements() else { return nil }
        if elements.isEmpty { source.error("\(quoted(key)): expected at least one, found none", at: node.position) }
        var seen: Set<Element> = []
        return elements.compactMap { element in
            guard let value = read(element) else { return nil }
            guard seen.insert(value).inserted else {
                source.error("\(quoted(key)): \(element.node.summary) is listed twice", at: element.node.position)
                return nil
            }
            return value
        }
    }
}
