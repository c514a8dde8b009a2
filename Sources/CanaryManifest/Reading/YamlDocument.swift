// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Yams

/// One YAML document as nodes; whatever it holds, the worst result is a diagnostic.
struct YamlDocument {
    private static let largestFile = 1 << 18
    private static let deepest = 32
    /// Yams follows aliases while it hashes keys, before we can refuse them; so few cannot make that slow.
    private static let mostAliases = 16

    private let source: Source
    private var text: MarkedText

    /// Reads `data`; reports to `source` and gives nil where there is no document.
    static func read(_ data: Data, from source: Source) -> Node? {
        guard data.count <= largestFile else {
            source.error("the file has \(data.count) bytes, expected at most \(largestFile)")
            return nil
        }
        guard let text = decode(data, from: source) else { return nil }
        var document = YamlDocument(source: source, text: MarkedText(text))
        return document.compose()
    }

    private static func decode(_ data: Data, from source: Source) -> String? {
        let text = String(decoding: data, as: UTF8.self)
        if text.utf8.elementsEqual(data) { return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text }
        let valid = text.unicodeScalars.prefix { $0 != "\u{FFFD}" }
        source.error("not UTF-8 text", at: position(after: String(valid)))
        return nil
    }

    private mutating func compose() -> Node? {
        if let alias = text.aliasFlood(atMost: Self.mostAliases) {
            refuseAliases(at: alias)
            return nil
        }
        do {
            while true {
                let parser = try Parser(yaml: text.text, resolver: .basic, encoding: .utf8)
                do {
                    let root = try parser.singleRoot()
                    guard let root else {
                        source.error("the file is empty, expected a mapping")
                        return nil
                    }
                    // A node holds its anchor weakly, the parser owns it.
                    return withExtendedLifetime(parser) { node(root, depth: 0) }
                } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                    guard text.setApart(keyAt: position(context.mark)) else {
                        let message = "duplicate key \(quotedList(keys.sorted().prefix(10)))"
                        source.error(message, at: text.original(position(context.mark)))
                        return nil
                    }
                }
            }
        } catch {
            report(error)
            return nil
        }
    }

    private func node(_ node: Yams.Node, depth: Int) -> Node {
        let start = text.original(node.mark.map(position) ?? .start)
        return Node(position: start, content: content(of: node, at: start, depth: depth))
    }

    private func content(of node: Yams.Node, at start: Position, depth: Int) -> Node.Content {
        guard depth < Self.deepest else {
            source.error("nested deeper than \(Self.deepest) levels", at: start)
            return .refused
        }
        guard node.anchor == nil else {
            refuseAliases(at: start)
            return .refused
        }
        guard [Tag.Name.str, .seq, .map].contains(Tag.Name(rawValue: node.tag.rawValue)) else {
            source.error("tag \(quoted(node.tag.rawValue)) is not supported", at: start, hint: "remove the tag")
            return .refused
        }
        return switch node {
        case .scalar(let scalar): .scalar(Node.Scalar(text: scalar.string, isPlain: scalar.style == .plain))
        case .sequence(let sequence): .sequence(sequence.map { self.node($0, depth: depth + 1) })
        case .mapping(let mapping): .mapping(entries(of: mapping, depth: depth + 1))
        case .alias: .refused
        }
    }

    private func entries(of mapping: Yams.Node.Mapping, depth: Int) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        var first: [String: Position] = [:]
        for (keyNode, valueNode) in mapping {
            let key = node(keyNode, depth: depth)
            if case .refused = key.content { continue }
            guard case .scalar(let scalar) = key.content else {
                source.error("expected a name as key, found \(key.summary)", at: key.position)
                continue
            }
            let name = text.original(scalar.text)
            if let earlier = first[name] {
                let message = "duplicate key \(quoted(name)), first at line \(earlier.line)"
                source.error(message, at: key.position)
                continue
            }
            first[name] = key.position
            let value = node(valueNode, depth: depth)
            entries.append(Node.Entry(key: name, keyPosition: key.position, value: value))
        }
        return entries
    }

    private func refuseAliases(at position: Position) {
        let hint = "write the value out wherever it is needed"
        source.error("anchors and aliases are not supported", at: position, hint: hint)
    }

    private func report(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let start = text.original(position(mark))
            let context = context?.text ?? ""
            let words = context.hasPrefix("expected") ? [context, problem] : [problem, context]
            let sentence = words.filter { !$0.isEmpty }.joined(separator: " ")
            source.error("not valid YAML: \(sentence)", at: start)
        case .reader(let problem, let offset, _, let yaml):
            let start = position(after: String(yaml.prefix(offset ?? 0)))
            source.error("not valid YAML: \(problem)", at: text.original(start))
        default:
            source.error("not valid YAML")
        }
    }
}

private func position(_ mark: Mark) -> Position { Position(line: mark.line, column: mark.column) }
