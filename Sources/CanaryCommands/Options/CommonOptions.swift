// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryManifest
import CanaryModel
import CanaryNotifications
import CanaryProcesses
import CanaryText
import Foundation

extension RuntimeChoice: ExpressibleByArgument {}
extension Lane: ExpressibleByArgument {}
extension Stage: ExpressibleByArgument {}

/// The options of nearly every verb.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Directory with the manifests.", valueName: "dir"))
    var stack = "manifests"

    @Option(name: .long, help: ArgumentHelp("Directory for history, logs and build results.", valueName: "dir"))
    var state = ".canary"

    @Option(name: .long, help: "Where builds run; overrides `runtime:` in stack.yaml.")
    var runtime: RuntimeChoice?

    @Flag(name: .long, help: "Print one JSON document, and nothing else, to standard output.")
    var json = false

    @Flag(name: .shortAndLong, help: "No progress on standard error.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Verbose output.")
    var verbose = false

    /// The state folder, absolute and without symbolic links.
    var stateFolder: StateFolder { StateFolder(path: Self.canonical(state)) }

    /// The manifests' folder, absolute and without symbolic links.
    var stackFolder: String { Self.canonical(stack) }

    /// Reads the manifests and prints every problem in them; takes the secrets that they name out of the environment.
    ///
    /// - Throws: `BadInput` if a problem is an error.
    func loadStack(showingWarnings: Bool = true) throws -> Stack {
        let loaded = ManifestLoader(folder: stack, runtime: runtime, now: Date()).load()
        for diagnostic in loaded.diagnostics where showingWarnings || diagnostic.severity == .error {
            if !quiet || diagnostic.severity == .error { Console.note(diagnostic.description) }
        }
        guard let stack = loaded.stack else {
            let count = loaded.diagnostics.filter { $0.severity == .error }.count
            throw BadInput(text: "the manifests in `\(self.stack)` have \(count.counting("problem"))")
        }
        Secrets.take(stack.notify.compactMap(\.secretVariable))
        return stack
    }

    /// The receivers of `stack`, with their secrets.
    ///
    /// - Throws: `BadInput` that lists every secret that is not set.
    func receivers(of stack: Stack) throws -> [any Receiver] {
        let environment = ProcessInfo.processInfo.environment
        let receivers = Receivers(folder: stackFolder, environment: environment, secrets: Secrets.values)
        do { return try receivers.open(stack.notify) } catch {
            throw BadInput(text: error.text, hint: error.hint)
        }
    }

    /// The options that choose stack, state and runtime, for a command that works wherever it is pasted.
    var typed: String {
        let words =
            ["--stack", stackFolder, "--state", stateFolder.path] + (runtime.map { ["--runtime", $0.rawValue] } ?? [])
        return words.map(ShellWord.typed).joined(separator: " ")
    }

    /// The runtime of `stack`: `--runtime`, else the one of its manifest.
    func effectiveRuntime(of stack: Stack) -> RuntimeChoice { runtime ?? stack.runtime }

    /// `path`, absolute and without symbolic links.
    static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}

/// `--source`.
struct SourceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Take a project from another repository; changes no verdict.", valueName: "project=url-or-path"))
    var source: [String] = []

    /// The repositories by project, with absolute paths.
    func addresses() throws -> [String: String] {
        var addresses: [String: String] = [:]
        for text in source {
            let (project, address) = try OptionPair.split(text, option: "--source", form: "PROJECT=URL-OR-PATH")
            addresses[project] = try Self.address(address)
        }
        return addresses
    }

    /// These options for a command that works wherever it is pasted; empty, or with a space before each.
    func typed() throws -> String {
        try addresses().sorted { $0.key < $1.key }.map { " --source " + ShellWord.typed("\($0.key)=\($0.value)") }
            .joined()
    }

    /// Refuses what manifests refuse, except relative paths.
    private static func address(_ text: String) throws -> String {
        let isPath = !text.contains(":") || FileManager.default.fileExists(atPath: text)
        let address = isPath ? CommonOptions.canonical(text) : text
        guard !text.hasPrefix("-"), RepositoryAddress.isValid(address) else {
            throw BadInput(text: "`--source`: expected \(RepositoryAddress.expected), found \(quoted(text))")
        }
        return address
    }
}

/// `--source` and `--at`.
struct OverrideOptions: ParsableArguments {
    @OptionGroup var sources: SourceOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Pin a project to a revision; changes no verdict.", valueName: "project=rev"))
    var at: [String] = []

    /// The overrides, with absolute paths.
    func overrides() throws -> Overrides {
        var overrides = Overrides()
        overrides.sources = try sources.addresses()
        for text in at {
            let (project, revision) = try OptionPair.split(text, option: "--at", form: "PROJECT=REV")
            overrides.revisions[project] = try OptionPair.revision(revision, option: "--at")
        }
        return overrides
    }
}

/// An option's value of the form `NAME=VALUE`.
enum OptionPair {
    /// The values by name.
    ///
    /// - Throws: `BadInput` if a text has another form, or a name is given twice.
    static func dictionary(_ texts: [String], option: String, form: String) throws -> [String: String] {
        var values: [String: String] = [:]
        for text in texts {
            let (name, value) = try split(text, option: option, form: form)
            guard values.updateValue(try revision(value, option: option), forKey: name) == nil else {
                throw BadInput(text: "`\(option)`: `\(name)` is given twice")
            }
        }
        return values
    }

    /// `text`, if it can be a revision.
    static func revision(_ text: String, option: String) throws -> String {
        guard GitReference.isArgument(text) else {
            throw BadInput(text: "`\(option)`: expected a tag, a branch or a commit, found \(quoted(text))")
        }
        return text
    }

    /// Splits one `NAME=VALUE`.
    ///
    /// - Throws: `BadInput` if name or value is empty.
    static func split(_ text: String, option: String, form: String) throws -> (String, String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex,
            text.index(after: equals) != text.endIndex
        else { throw BadInput(text: "`\(option) \(text)`: expected `\(form)`") }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
