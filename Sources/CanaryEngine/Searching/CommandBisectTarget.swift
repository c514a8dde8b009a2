// SPDX-License-Identifier: Apache-2.0

package import CanaryGit
import CanaryModel
package import CanaryRunner
import CanaryText
import Foundation

/// A resolved `bisect command`: the repository, its good and bad commits, and the command.
package struct CommandBisectTarget: Sendable {
    /// The repository, and the two ends of the range.
    package let ends: RangeEnds
    /// The files that the command names.
    package let files: NamedFiles

    /// The repository.
    package var repository: Repository { ends.repository }
    /// The command; files that the commits do not contain have absolute paths.
    package var words: [String] { files.words }

    /// Resolves the files that a command names.
    ///
    /// - Parameters:
    ///   - words: the command, not empty.
    ///   - folder: the current directory, whose files are used when the commits do not contain them.
    /// - Throws: `EngineError` `badRequest`.
    package static func make(
        _ ends: () async throws(RangeProblem) -> RangeEnds, words: [String], folder: String
    ) async throws(EngineError) -> CommandBisectTarget {
        let resolved: RangeEnds
        do { resolved = try await ends() } catch { throw EngineError(.badRequest, error.text, hint: error.hint) }
        let files = await NamedFiles(
            in: words, of: resolved.repository, at: [resolved.base] + resolved.goods, folder: folder)
        if let missing = files.missing {
            throw EngineError(
                .badRequest,
                "`\(missing.script)` for `\(missing.interpreter)` exists neither in the current directory nor in the good "
                    + "commit",
                hint: "name a script in the current directory, in the commits, or by its absolute path")
        }
        return CommandBisectTarget(ends: resolved, files: files)
    }

    // MARK: - The command

    /// The probe that runs the command.
    ///
    /// - Throws: `EngineError` `badRequest` when it cannot be executed.
    package func probe(environment: [String: String]) async throws(EngineError) -> CommandProbe {
        let isInTree = words.first.map(files.ofCommits.contains) ?? false
        do {
            return try CommandProbe(words, environment: environment) { _ in isInTree }
        } catch {
            throw EngineError(.badRequest, "the command cannot be executed: \(error.detail)")
        }
    }

    /// Identifies the search: a digest of the range, the command, and the files in `folder` that it names.
    package func digest(folder: String) -> String {
        var hasher = FieldHasher()
        hasher.add(list: ["canary bisect command 1"] + ends.goods + [ends.bad] + words)
        if !repository.subfolder.isEmpty { hasher.add(repository.subfolder) }
        let root = URL(fileURLWithPath: folder, isDirectory: true)
        for word in words + files.ofCaller.values.sorted() {
            let path = URL(fileURLWithPath: word, relativeTo: root).path
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
                let content = FileManager.default.contents(atPath: path)
            else { continue }
            hasher.add(word)
            content.withUnsafeBytes { hasher.add(bytes: $0) }
        }
        return hasher.finish()
    }
}
