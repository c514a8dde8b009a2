// SPDX-License-Identifier: Apache-2.0

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
        let stack = try ScratchStack(Example.files)
        for (name, document) in [("stack.yaml", Shape.Document.stack), ("projects/openimageio.yaml", .project)] {
            let text = try String(contentsOfFile: "\(stack.folder)/\(name)", encoding: .utf8)
            #expect(try schemaVerdicts(of: [text], document: document) == [true])
        }
    }

    private static func schema(_ document: Shape.Document) -> URL {
        Fixtures.repository.appending(path: "manifests/schema/\(document.rawValue).schema.json")
    }

    /// A stack in which `text` is the only thing that can be wrong.
    private func surrounded(_ text: String, as document: Shape.Document) throws -> ScratchStack {
        let images = "ci-vfxall-2026: {reference: example/x:1}\n"
        let imath = "project: imath\nsource: imath\n"
        switch document {
        case .stack:
            return try ScratchStack([
                "stack.yaml": text, "projects/imath.yaml": imath, "../containers/images.yaml": images,
            ])
        case .project:
            return try ScratchStack([
                "stack.yaml": "stack: demo\nruntime: process\nvariants: {vfx2025: {}, vfx2026: {}}\n",
                "projects/imath.yaml": imath, "projects/openexr.yaml": "project: openexr\nsource: openexr\n",
                "projects/subject.yaml": text,
            ])
        case .images:
            return try ScratchStack([
                "stack.yaml": "stack: demo\nruntime: process\nvariants: {local: {}}\n",
                "../containers/images.yaml": text,
            ])
        }
    }

    /// What `scripts/validate-schema` says of each text.
    private func schemaVerdicts(of texts: [String], document: Shape.Document) throws -> [Bool] {
        let names = texts.indices.map { "\($0).yaml" }
        let scratch = try ScratchStack(Dictionary(uniqueKeysWithValues: zip(names, texts)))
        let script = Fixtures.repository.appending(path: "scripts/validate-schema").path
        let arguments = [script, Self.schema(document).path] + names.map { "\(scratch.folder)/\($0)" }
        for python in [["/usr/bin/python3"], ["/usr/bin/env", "python3"]] {
            let (status, output) = try run(python + arguments)
            guard status != 3 else { continue }
            try #require(status == 0 || status == 1, "\(output)")
            let lines = output.split(separator: "\n")
            try #require(lines.count == texts.count, "\(output)")
            return lines.map { $0.hasPrefix("ok ") }
        }
        Issue.record("no Python with jsonschema and PyYAML: apt-get install python3-jsonschema python3-yaml")
        return []
    }

    private func run(_ command: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = pipe
        process.standardError = pipe
        guard FileManager.default.isExecutableFile(atPath: command[0]) else { return (3, "") }
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus == 127 ? 3 : process.terminationStatus, output)
    }
}
