// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryManifest

/// The JSON Schemas of `manifests/schema` say what the loader says.
@Suite struct `Schemas` {
    @Test(arguments: Shape.Document.allCases)
    func `schema and loader agree on every document`(document: Shape.Document) throws {
        for verdict in ["good", "bad"] {
            let corpus = try Fixtures.text("schema/\(document.rawValue).\(verdict).yaml")
            let texts = corpus.components(separatedBy: "---\n")
            let schema = try schemaVerdicts(of: texts, document: document)
            for (text, isValid) in zip(texts, schema) {
                let problems = try surrounded(text, as: document).load().diagnostics.filter { $0.severity == .error }
                #expect(isValid == (verdict == "good"), "the schema of:\n\(text)")
                #expect(problems.isEmpty == (verdict == "good"), "the loader of:\n\(text)\(problems)")
            }
        }
    }

    @Test(arguments: Shape.Document.allCases)
    func `schema and loader know the same keys`(document: Shape.Document) throws {
        var expected: [String: [String]] = [:]
        for shape in Shape.all where shape.document == document { expected[shape.name ?? ""] = shape.keys.sorted() }
        let schema = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: Self.schema(document))) as? [String: Any])
        var objects = try #require(schema["$defs"] as? [String: [String: Any]])
        objects[""] = schema
        let actual = objects.compactMapValues { ($0["properties"] as? [String: Any])?.keys.sorted() }
        #expect(actual == expected)
    }

    @Test func `the manual knows every key`() throws {
        let manual = try String(
            contentsOf: Fixtures.repository.appending(path: "docs/manifest.md"), encoding: .utf8)
        for key in Set(Shape.all.flatMap(\.keys)) { #expect(manual.contains("`\(key)`"), "\(key)") }
    }

    @Test func `the example of the manual passes`() throws {
        let stack = try TestStack(Example.files)
        for (name, document) in [("stack.yaml", Shape.Document.stack), ("projects/openimageio.yaml", .project)] {
            let text = try String(contentsOfFile: "\(stack.folder)/\(name)", encoding: .utf8)
            #expect(try schemaVerdicts(of: [text], document: document) == [true])
        }
    }

    private static func schema(_ document: Shape.Document) -> URL {
        Fixtures.repository.appending(path: "manifests/schema/\(document.rawValue).schema.json")
    }

    /// A stack in which `text` is the only thing that can be wrong.
    private func surrounded(_ text: String, as document: Shape.Document) throws -> TestStack {
        let images = "ci-vfxall-2026: {reference: example/x:1}\n"
        let imath = "project: imath\nsource: imath\n"
        switch document {
        case .stack:
            return try TestStack([
                "stack.yaml": text, "projects/imath.yaml": imath, "../containers/images.yaml": images,
            ])
        case .project:
            return try TestStack([
                "stack.yaml": "stack: demo\nruntime: process\nvariants: {vfx2025: {}, vfx2026: {}}\n",
                "projects/imath.yaml": imath, "projects/openexr.yaml": "project: openexr\nsource: openexr\n",
                "projects/subject.yaml": text,
            ])
        case .images:
            return try TestStack([
                "stack.yaml": "stack: demo\nruntime: process\nvariants: {local: {}}\n",
                "../containers/images.yaml": text,
            ])
        }
    }

    /// What `scripts/validate-schema` says of each text.
    private func schemaVerdicts(of texts: [String], document: Shape.Document) throws -> [Bool] {
        let names = texts.indices.map { "\($0).yaml" }
        let scratch = try TestStack(Dictionary(uniqueKeysWithValues: zip(names, texts)))
        let script = Fixtures.repository.appending(path: "scripts/validate-schema").path
        let arguments = [script, Self.schema(document).path] + names.map { "\(scratch.folder)/\($0)" }
        guard let ended = python(arguments) else { return [] }
        try #require(ended.status == 0 || ended.status == 1, "\(ended.testDescription)")
        let lines = ended.output.split(separator: "\n")
        try #require(lines.count == texts.count, "\(ended.testDescription)")
        return lines.map { $0.hasPrefix("ok ") }
    }
}
