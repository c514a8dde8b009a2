// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// Reads the manifests of one stack folder.
package struct ManifestLoader {
    private let folder: String
    private let runtime: RuntimeChoice?
    private let now: Date

    /// Makes a loader.
    ///
    /// - Parameters:
    ///   - folder: the folder of `stack.yaml`.
    ///   - runtime: wins over the stack's own `runtime:`.
    ///   - now: decides which pins, holds and expected failures have ended.
    package init(folder: String, runtime: RuntimeChoice? = nil, now: Date) {
        self.folder = folder
        self.runtime = runtime
        self.now = now
    }

    /// Reads all files and reports all problems at once; never throws.
    package func load() -> LoadedManifests {
        let report = Report()
        let files = StackFolder(folder, report: report)
        guard files.exists else {
            files.reportMissing()
            return LoadedManifests(stack: nil, imagesFile: nil, report: report)
        }
        let projects = files.projects()
        let names = projects.names
        let settings = files.stack().flatMap { file in
            SettingsReader(file: file, folder: files, runtime: runtime, projects: names).read()
        }
        let context = ProjectContext(
            projects: names, variants: settings?.variants.map(\.name), limits: settings?.attemptLimits, now: now)
        let graph = projects.assemble(in: context)
        let stack = settings.flatMap { settings in graph.map { settings.stack(of: $0) } }
        return LoadedManifests(stack: stack, imagesFile: settings?.imagesFile, report: report)
    }
}

/// What the manifests say, and what is wrong with them.
package struct LoadedManifests {
    /// The stack; nil when any diagnostic is an error.
    package let stack: Stack?
    /// The images file, from the working folder; nil when there is none.
    package let imagesFile: String?
    /// All problems, sorted by path, line and column.
    package let diagnostics: [Diagnostic]

    init(stack: Stack?, imagesFile: String?, report: Report) {
        self.stack = report.hasErrors ? nil : stack
        self.imagesFile = imagesFile
        diagnostics = report.sorted
    }
}
