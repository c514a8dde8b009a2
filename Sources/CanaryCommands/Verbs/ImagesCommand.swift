// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryManifest
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// `canary images`.
struct ImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images", abstract: "List and pin container images.",
        subcommands: [ImagesPinCommand.self])
}

/// `canary images pin`.
struct ImagesPinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", abstract: "Resolve image tags to digests and write them to the images file.",
        discussion: """
            Asks the registries through the container engine, rewrites the references of the images that variants use, \
            and reports which tags have changed. Everything else in the file stays as it is.
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let loaded = ManifestLoader(folder: common.stack, runtime: common.runtime, now: Date()).load()
        let stack = try common.loadStack(showingWarnings: false)
        guard let file = loaded.imagesFile else {
            throw BadInput(text: "the stack has no images file", hint: "add `images:` to `stack.yaml`")
        }
        let engine = try await StateSession.engine(common.effectiveRuntime(of: stack))
        var resolved: [ImagePin] = []
        for image in Set(stack.variants.compactMap(\.image)).sorted(by: { $0.name < $1.name }) {
            resolved.append(try await resolve(image, in: engine))
        }
        let pins = Dictionary(resolved.map { ($0.from, $0.reference) }, uniquingKeysWith: { first, _ in first })
        try rewrite(file, pins: pins)
        report(resolved, file: file)
    }

    private func resolve(_ image: Image, in engine: ContainerEngine) async throws -> ImagePin {
        let tagged = image.digest.map { String(image.reference.dropLast($0.count + 1)) } ?? image.reference
        do throws(RunnerFailure) {
            let digest = try await engine.images.digest(of: tagged, fresh: true)
            return ImagePin(
                image: image.name, from: image.reference, before: image.digest, reference: "\(tagged)@\(digest)")
        } catch {
            Console.error("image `\(image.name)`: \(error.detail)")
            throw ExitCode.infrastructure
        }
    }

    private func rewrite(_ file: String, pins: [String: String]) throws {
        do {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let pinned = ImagePins.rewrite(text, pins: pins)
            if pinned != text { try pinned.write(toFile: file, atomically: true, encoding: .utf8) }
        } catch {
            throw BadInput(text: "`\(file)` cannot be written: \(error)")
        }
    }

    private func report(_ resolved: [ImagePin], file: String) {
        if common.json, let text = try? ImagesDocument(file: file, resolved: resolved).json() {
            return Console.result(text)
        }
        for pin in resolved {
            let now = pin.reference.split(separator: "@").last.map(String.init) ?? ""
            switch pin.before {
            case nil: Console.result("\(pin.image): pinned to \(now)")
            case now?: Console.result("\(pin.image): unchanged at \(now)")
            case let before?: Console.result("\(pin.image): changed from \(before) to \(now)")
            }
        }
    }
}

/// The digest of an image before and after.
private struct ImagePin {
    let image: String
    let from: String
    let before: String?
    let reference: String
}

/// `canary.images/1`.
private struct ImagesDocument: Document {
    struct Entry: Encodable {
        let image: String
        let before: Nullable<String>
        let reference: String
    }

    let schema = "canary.images/1"
    let file: String
    let images: [Entry]

    init(file: String, resolved: [ImagePin]) {
        self.file = file
        images = resolved.map { Entry(image: $0.image, before: Nullable($0.before), reference: $0.reference) }
    }
}
